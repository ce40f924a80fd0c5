import type { SpanContext } from '@opentelemetry/api';
import type { BoundHistogram, HistogramInstrument } from '../metrics/instruments.js';
import { knownMethod } from './http-propagation.js';

export type DurationHistogram = HistogramInstrument<'method' | 'route' | 'status'>;

/** The route label of a request that no route took. */
export const UNMATCHED = 'unmatched';

/** More can only come from an application that makes up routes; they are told about, but not remembered. */
const KNOWN_ROUTES = 2_000;

/** What is the same for all requests of one method and route. */
export class RouteTelemetry {
  readonly spanName: string;
  private readonly durations = new Map<number | string, BoundHistogram>();

  constructor(
    readonly method: string,
    /** The template; undefined when no route took the request. */
    readonly template: string | undefined,
  ) {
    const name = method === '_OTHER' ? 'HTTP' : method;
    this.spanName = template === undefined ? name : `${name} ${template}`;
  }

  get label(): string {
    return this.template ?? UNMATCHED;
  }

  observe(duration: DurationHistogram, seconds: number, status: number | string, exemplarOf: SpanContext): void {
    let bound = this.durations.get(status);
    if (!bound) {
      bound = duration.labels({ method: this.method, route: this.label, status });
      this.durations.set(status, bound);
    }
    bound.observe(seconds, exemplarOf);
  }
}

/** The routes of one application. */
export class RouteTelemetries {
  private readonly byMethod = new Map<string, Map<string | undefined, RouteTelemetry>>();
  private size = 0;

  of(method: string, template: string | undefined): RouteTelemetry {
    const known = knownMethod(method);
    let routes = this.byMethod.get(known);
    if (!routes) {
      routes = new Map<string | undefined, RouteTelemetry>();
      this.byMethod.set(known, routes);
    }
    let route = routes.get(template);
    if (route) return route;
    route = new RouteTelemetry(known, template);
    if (this.size++ < KNOWN_ROUTES) routes.set(template, route);
    return route;
  }
}
