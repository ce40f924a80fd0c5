import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { loadEnv } from '@signalpress/service-defaults';
import { AppModule } from '../app.module.js';
import { schema } from '../env.js';
import { openApiDocument } from './openapi.js';

type Controller = new () => object;

/** Those that every service has. */
const ofLibraries = /^\w+ \/(dead-letters|metrics|health)(\/|$)/;

/** A module's controllers and those of what it imports. */
function controllersOf(entry: unknown): Controller[] {
  const { module, controllers, imports }: Partial<DynamicModule> = {
    module: entry as Controller,
    ...(entry as object),
  };
  const declared = (key: string): unknown[] =>
    (Reflect.getMetadata(key, module as Controller) as unknown[] | undefined) ?? [];
  return [
    ...([...(controllers ?? []), ...declared('controllers')] as Controller[]),
    ...[...(imports ?? []), ...declared('imports')].flatMap(controllersOf),
  ];
}

function routesOf(controller: Controller): string[] {
  const prefix = String(Reflect.getMetadata('path', controller));
  return Object.values(Object.getOwnPropertyDescriptors(controller.prototype)).flatMap(({ value }) => {
    const method = Reflect.getMetadata('method', value as object) as RequestMethod | undefined;
    if (method === undefined) return [];
    const path = `/${prefix}/${String(Reflect.getMetadata('path', value as object))}`;
    const plain = path.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '');
    return `${RequestMethod[method].toLowerCase()} ${plain.replaceAll(/:(\w+)/g, '{$1}')}`;
  });
}

/** What Nest was told, e.g. `get /sla`. */
function declaredRoutes(): string[] {
  const env = loadEnv(schema, { DATABASE_URL: 'postgresql://nobody@127.0.0.1/none' });
  const routes = controllersOf(AppModule.register(env)).flatMap(routesOf);
  return [...new Set(routes)].filter((route) => !ofLibraries.test(route));
}

it('describes every route of the service, and no other', () => {
  const { paths } = openApiDocument() as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(declaredRoutes().sort()).toEqual(described.sort());
});
