import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const root = path.resolve(import.meta.dirname, '../..');

/** One pipeline of the collector: what it takes from, does, and hands to. */
export interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
}

type Components = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

/** `docker/otel-collector/config.yaml`, as far as the specs look at it. */
export interface CollectorConfig {
  readonly receivers: Components;
  readonly processors: Components;
  readonly connectors: Components;
  readonly exporters: Components;
  readonly extensions: Components;
  readonly service: {
    readonly extensions: readonly string[];
    readonly pipelines: Readonly<Record<string, Pipeline>>;
    readonly telemetry: unknown;
  };
}

/** `docker/otel-collector/builder.yaml`. */
export interface BuilderManifest {
  readonly dist: { readonly version: string };
  readonly receivers: readonly Module[];
  readonly processors: readonly Module[];
  readonly connectors: readonly Module[];
  readonly exporters: readonly Module[];
  readonly extensions: readonly Module[];
}

interface Module {
  readonly gomod: string;
}

/** A compose file, as far as the specs look at it. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
}

export interface ComposeService {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: unknown;
  readonly mem_limit?: string;
}

export function textOf(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** A YAML file of the project. Merge keys are followed, as Compose does. */
export function yamlOf(file: string): unknown {
  return parse(textOf(file), { merge: true });
}

/**
 * Every way that spans can take from a receiver to an exporter: the names of the components on it. Connectors lead from the
 * pipelines that export to them to those that receive from them.
 */
export function waysThrough({ service, connectors }: CollectorConfig): string[][] {
  const pipelines = Object.values(service.pipelines);
  const from = (component: string, before: readonly string[]): string[][] =>
    pipelines
      .filter(({ receivers }) => receivers.includes(component))
      .flatMap(({ processors = [], exporters }) =>
        exporters.flatMap((exporter) => {
          const way = [...before, ...processors, exporter];
          return exporter in connectors ? from(exporter, way) : [way];
        }),
      );
  const isConnector = (name: string): boolean => name in connectors;
  const entrances = new Set(pipelines.flatMap(({ receivers }) => receivers.filter((name) => !isConnector(name))));
  return [...entrances].flatMap((entrance) => from(entrance, [entrance]));
}
