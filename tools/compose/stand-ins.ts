import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { serviceNames, services } from '@signalpress/contracts';
import { builtCollector } from '@signalpress/testing/collector';
import { kafkaJars } from '@signalpress/testing/kafka';
import type { Engine } from '../images/engine.ts';
import type { ComposeFile } from './compose-file.ts';

/** What stands in for whose image, in the words of the report. */
export const standIns = {
  timescaledb: 'PostgreSQL 15 of Debian',
  kafka: "Kafka 4.3.1 from its jars, configured by Kafka's own start of containers",
  prometheus: 'Prometheus 2.42 of Debian',
  alertmanager: 'Alertmanager 0.25 of Debian',
  'otel-collector': 'a collector built from docker/otel-collector/builder.yaml',
} as const;

/** Nothing can stand in for these. */
export const absent = ['grafana', 'jaeger'] as const;

export type StandIn = keyof typeof standIns;

const imageOf = (name: string): string => `signalpress-stand-in/${name}:here`;

/** Builds the images that stand in, from packages that this machine can fetch. */
export async function buildStandIns(engine: Engine, directory: string): Promise<void> {
  const context = mkdtempSync(path.join(directory, 'stand-ins-'));
  try {
    const recipe = path.join(import.meta.dirname, 'stand-ins');
    cpSync(recipe, context, { recursive: true });
    mkdirSync(path.join(context, 'jars'));
    cpSync(kafkaJars(), path.join(context, 'jars'), { recursive: true });
    cpSync(builtCollector(), path.join(context, 'otelcol'));
    for (const name of Object.keys(standIns)) {
      const file = ['--file', path.join(recipe, 'Dockerfile')];
      await engine.docker(['build', '--network', 'host', ...file, '--target', name, '--tag', imageOf(name), context]);
    }
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** The gateway is where Compose would publish it; everybody else has an address of this machine for itself. */
const addressOf = (name: string, index: number): string =>
  name === 'api-gateway' ? '127.0.0.1' : `127.77.0.${index + 1}`;

/**
 * What is laid over docker-compose.yml here: everybody in the network of the host, which is one that nobody else is in, with names
 * that lead to addresses of that network; and the images that stand in. All else is as the file says.
 *
 * @param traceBackend where the collector sends what it keeps, since there is no viewer
 */
export function standInOverride({ services: all }: ComposeFile, traceBackend: string): string {
  const names = Object.keys(all);
  const addresses = new Map(names.map((name, index) => [name, addressOf(name, index)]));
  // In the network of the host a container has the name of the host, and Java looks it up.
  addresses.set(hostname(), '127.0.0.1');
  const over = names.map((name): readonly [string, object] => {
    const isOurs = (serviceNames as readonly string[]).includes(name);
    const common = {
      network_mode: 'host',
      ports: '!reset',
      extra_hosts: Object.fromEntries(addresses),
      pull_policy: 'never',
    };
    if ((absent as readonly string[]).includes(name)) return [name, { ...common, scale: 0 }];
    if (isOurs) return [name, { ...common, environment: { HOST: addresses.get(name) } }];
    const environment = movedSettings(name, traceBackend);
    return [name, { ...common, image: imageOf(name), environment }];
  });
  // JSON is YAML; the word that takes something away is a tag of Compose's own.
  return JSON.stringify({ services: Object.fromEntries(over) }, null, 2).replaceAll('"!reset"', '!reset []');
}

/** Where everybody shares one network, Kafka's controller and Alertmanager cannot both have port 9093. */
function movedSettings(name: string, traceBackend: string): Readonly<Record<string, string>> {
  if (name === 'otel-collector') return { TRACE_BACKEND: traceBackend };
  if (name !== 'kafka') return {};
  return {
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9095',
    KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9095',
  };
}

/** Where a service of ours listens. */
export const localUrl = (name: keyof typeof services, file: ComposeFile): string =>
  `http://${addressOf(name, Object.keys(file.services).indexOf(name))}:${services[name].containerPort}`;
