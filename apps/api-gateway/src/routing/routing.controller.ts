import { Controller, Get } from '@nestjs/common';
import { routingTable } from './routing.table.js';
import type { GatewayRoute } from './routing.table.js';

interface RouteEntry extends Pick<GatewayRoute, 'methods' | 'access'> {
  path: string;
  service: string;
}

/** What there is behind this door. */
@Controller()
export class RoutingController {
  @Get()
  index(): { service: string; storefront: string; health: string; routes: RouteEntry[] } {
    return {
      service: 'api-gateway',
      storefront: '/storefront',
      health: '/health',
      routes: routingTable.flatMap(({ paths, methods, access, upstream }) =>
        paths
          .filter((path) => !path.endsWith('/*') && !path.endsWith('/'))
          .map((path) => ({ path, methods, access, service: upstream })),
      ),
    };
  }
}
