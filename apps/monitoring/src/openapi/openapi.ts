import { z } from 'zod';
import { problem, routes } from './routes.js';
import type { DescribedRoute } from './routes.js';

type Json = Readonly<Record<string, unknown>>;

/** The description of this service's routes (OpenAPI 3.1), made from the schemas that the routes check with. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route);
  paths['/openapi.json'] = {
    get: { summary: 'This description', responses: { 200: json('An OpenAPI document', { type: 'object' }) } },
  };
  return {
    openapi: '3.1.0',
    info: { title: 'Signalpress monitoring', version: '1.0' },
    paths,
    components: { schemas: { Problem: schemaOf(problem, 'output') } },
  };
}

function operation({ summary, params, query, body, answer }: DescribedRoute): Json {
  const refused = { description: 'The request does not fit', ...problemContent };
  return {
    summary,
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(body === undefined ? {} : { requestBody: { required: true, ...content(schemaOf(body, 'input')) } }),
    responses: {
      200: json('The answer', schemaOf(answer, 'output')),
      ...((params ?? query ?? body) ? { 400: refused } : {}),
      ...(params === undefined ? {} : { 404: { description: 'There is no such thing', ...problemContent } }),
    },
  };
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(field, undefined).success,
    schema: schemaOf(field as z.ZodType, 'input'),
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const described: Record<string, unknown> = { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }) };
  // OpenAPI 3.1 says once for the document which dialect it is.
  delete described['$schema'];
  return described;
}

const content = (schema: Json): Json => ({ content: { 'application/json': { schema } } });
const json = (description: string, schema: Json): Json => ({ description, ...content(schema) });
const problemContent: Json = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
