import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { composeText, merged, parseCompose } from './compose-file.ts';
import { hostPaths, loose, specification } from './specification.ts';

const base = parseCompose(composeText());
const stack = merged(base, parseCompose(composeText('docker-compose.tracing.yml')));
const all = Object.entries(stack.services);
const collector = stack.services['otel-collector'] ?? {};

describe('docker-compose.yml with docker-compose.tracing.yml over it', () => {
  it('follows the Compose specification and refers to nothing that it does not have', () => {
    expect(specification()(stack)).toEqual([]);
    expect(loose(stack)).toEqual([]);
  });

  it('adds the collector and the viewer, and takes nothing away', () => {
    const added = Object.keys(stack.services).filter((name) => !(name in base.services));
    expect(added.sort()).toEqual(['jaeger', 'otel-collector']);
    for (const [name, service] of Object.entries(base.services)) {
      const { environment, volumes, ...rest } = service;
      expect(stack.services[name]).toMatchObject(rest);
      if (volumes !== undefined) {
        const target = (mount: string): string | undefined => mount.split(':')[1];
        const mounted = (stack.services[name]?.volumes ?? []).map(target);
        expect(volumes.filter((mount) => !mounted.includes(target(mount)))).toEqual([]);
      }
      const kept = Object.keys(environment ?? {});
      expect(kept.filter((variable) => !(variable in (stack.services[name]?.environment ?? {})))).toEqual([]);
    }
  });

  it.each(serviceNames)(
    '%s sends its traces to a port that the collector listens on, and keeps what it had',
    (name) => {
      const { environment = {} } = stack.services[name] ?? {};
      expect(environment).toMatchObject({
        ...base.services[name]?.environment,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector:4318',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      });
    },
  );

  it('has a pinned collector that takes OTLP on both ports and starts by itself', () => {
    expect(collector.image).toMatch(/^otel\/opentelemetry-collector-contrib:\d+\.\d+\.\d+$/);
    expect(collector.ports).toEqual(expect.arrayContaining(['127.0.0.1:4317:4317', '127.0.0.1:4318:4318']));
    expect(collector.depends_on).toBeUndefined();
    // Nobody waits for it either: a service runs without a collector.
    expect(all.filter(([, { depends_on: needs = {} }]) => 'otel-collector' in needs)).toEqual([]);
  });

  it('is one network: everybody is on the one that Compose makes', () => {
    expect(all.filter(([, { networks }]) => networks !== undefined)).toEqual([]);
    expect(stack.networks).toBeUndefined();
  });

  it('publishes, on this machine alone, what is for people and the two doors of the collector', () => {
    const published = Object.fromEntries(all.flatMap(([name, { ports }]) => (ports ? [[name, ports]] : [])));
    expect(published).toEqual({
      'api-gateway': ['127.0.0.1:${GATEWAY_PORT:-8000}:8000'],
      grafana: ['127.0.0.1:${GRAFANA_PORT:-3001}:3000'],
      prometheus: ['127.0.0.1:${PROMETHEUS_PORT:-9090}:9090'],
      jaeger: ['127.0.0.1:16686:16686'],
      'otel-collector': ['127.0.0.1:4317:4317', '127.0.0.1:4318:4318', '127.0.0.1:13133:13133'],
    });
  });

  it('mounts files that are there, Prometheus those of the tracing in the place of its own', () => {
    const paths = hostPaths(stack);
    expect(paths.length).toBeGreaterThanOrEqual(8);
    expect(paths.filter((each) => !existsSync(path.join(workspaceRoot, each)))).toEqual([]);
    const configs = (stack.services['prometheus']?.volumes ?? []).filter((mount) =>
      mount.includes(':/etc/prometheus/prometheus.yml'),
    );
    expect(configs).toEqual(['./docker/prometheus/prometheus.tracing.yml:/etc/prometheus/prometheus.yml:ro']);
  });

  it.each(all)('%s is bounded, dropped to nothing, restarted and of one version', (_, service) => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: expect.any(Number),
      cpus: expect.any(Number),
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      image: expect.stringMatching(/:(v?\d|\$\{SIGNALPRESS_VERSION:-\d)/),
    });
  });
});
