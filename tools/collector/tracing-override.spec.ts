import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import { root, textOf, waysThrough, yamlOf } from './compose.ts';
import type { BuilderManifest, CollectorConfig, ComposeFile } from './compose.ts';

const config = yamlOf('docker/otel-collector/config.yaml') as CollectorConfig;
const configText = textOf('docker/otel-collector/config.yaml');
const builder = yamlOf('docker/otel-collector/builder.yaml') as BuilderManifest;
const override = yamlOf('docker-compose.tracing.yml') as ComposeFile;
const collector = override.services['otel-collector']!;

const kinds = ['receivers', 'processors', 'connectors', 'exporters', 'extensions'] as const;
const typeOf = (component: string): string => component.split('/')[0] ?? '';

describe('the configuration of the collector', () => {
  it.each(kinds)('uses the %s that the list of parts has, and no others', (kind) => {
    const renamed: Readonly<Record<string, string>> = { otlp_grpc: 'otlp' };
    const moduleOf = (type: string): string => `${(renamed[type] ?? type).replaceAll('_', '')}${kind.slice(0, -1)}`;
    const used = new Set(Object.keys(config[kind]).map((component) => moduleOf(typeOf(component))));
    const listed = builder[kind].map(({ gomod }) => /([^/]+) v/.exec(gomod)?.[1]);
    expect([...used].sort()).toEqual(listed.sort());
  });

  it('defines all that its pipelines name, and names all that it defines', () => {
    const pipelines = Object.values(config.service.pipelines);
    const named = {
      receivers: pipelines.flatMap(({ receivers }) => receivers),
      processors: pipelines.flatMap(({ processors = [] }) => processors),
      exporters: pipelines.flatMap(({ exporters }) => exporters),
    };
    const connectors = Object.keys(config.connectors);
    const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
    expect(sorted(named.receivers)).toEqual(sorted([...Object.keys(config.receivers), ...connectors]));
    expect(sorted(named.exporters)).toEqual(sorted([...Object.keys(config.exporters), ...connectors]));
    expect(sorted(named.processors)).toEqual(sorted(Object.keys(config.processors)));
    expect(sorted(config.service.extensions)).toEqual(sorted(Object.keys(config.extensions)));
  });

  it('limits memory first and cleans before anything is counted, kept or sent', () => {
    const ways = waysThrough(config);
    expect(ways.map((way) => way.at(-1)).sort()).toEqual(['otlp_grpc', 'prometheus']);
    for (const way of ways) {
      expect(way.slice(0, 5)).toEqual(['otlp', 'memory_limiter', 'transform/lend', 'redaction', 'transform/give_back']);
    }
  });

  it('counts spans before the sampling, and samples all that is sent', () => {
    const to = (end: string): string[] => waysThrough(config).find((way) => way.at(-1) === end) ?? [];
    expect(to('prometheus')).toContain('span_metrics');
    expect(to('prometheus')).not.toContain('tail_sampling');
    expect(to('otlp_grpc').slice(-3)).toEqual(['tail_sampling', 'batch', 'otlp_grpc']);
  });

  it('bounds the queue, the retries, the traces in memory and the names in metrics', () => {
    expect(config.exporters['otlp_grpc']).toMatchObject({
      sending_queue: { sizer: 'items', queue_size: 50_000 },
      retry_on_failure: { max_elapsed_time: '10m' },
    });
    expect(config.processors['tail_sampling']).toMatchObject({
      num_traces: 20_000,
      maximum_trace_size_bytes: 8_388_608,
    });
    expect(config.connectors['span_metrics']).toMatchObject({ aggregation_cardinality_limit: 2_000 });
  });
});

describe('the compose override', () => {
  it('pins the collector to the version of the list of parts, and the viewer to one', () => {
    expect(collector.image).toBe(`otel/opentelemetry-collector-contrib:${builder.dist.version}`);
    const modules = kinds.flatMap((kind) => builder[kind]).map(({ gomod }) => gomod.split(' v')[1]);
    expect(new Set(modules)).toEqual(new Set([builder.dist.version]));
    expect(override.services['jaeger']?.image).toMatch(/^jaegertracing\/jaeger:2\.\d+\.\d+$/);
  });

  it('makes all eight services send to the collector, which waits for nobody', () => {
    for (const name of serviceNames) {
      expect({ name, ...override.services[name]?.environment }).toMatchObject({
        name,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector:4318',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      });
    }
    expect(collector.depends_on).toBeUndefined();
    expect(config.receivers['otlp']).toEqual({
      protocols: { grpc: { endpoint: '0.0.0.0:4317' }, http: { endpoint: '0.0.0.0:4318' } },
    });
  });

  it('publishes on this machine alone', () => {
    const ports = Object.values(override.services).flatMap(({ ports: published = [] }) => published);
    expect(ports.sort()).toEqual([
      '127.0.0.1:13133:13133',
      '127.0.0.1:16686:16686',
      '127.0.0.1:4317:4317',
      '127.0.0.1:4318:4318',
    ]);
  });

  it('mounts files that are there, read-only', () => {
    const mounts = Object.values(override.services).flatMap(({ volumes = [] }) => volumes);
    expect(mounts).toHaveLength(3);
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      expect({ source, mode, exists: existsSync(path.join(root, source)) }).toEqual({
        source,
        mode: 'ro',
        exists: true,
      });
    }
  });

  it('hands on each variable of the configuration, with the same default', () => {
    const read = [...configText.matchAll(/\$\{env:(\w+):-([^}]*)\}/g)].map(([, name, fallback]) => [name, fallback]);
    expect(read).toHaveLength(5);
    for (const [name = '', fallback = ''] of read) {
      const own = name === 'TRACE_BACKEND' ? fallback : `\${${name}:-${fallback}}`;
      expect({ name, value: collector.environment?.[name] }).toEqual({ name, value: own });
      // The comment at the top of the file says the same.
      expect(configText).toMatch(new RegExp(`^# +${name} +${fallback.replaceAll('.', '\\.')} `, 'm'));
    }
  });

  it('gives the container more memory than Go is to use, and that more than the limiter lets in', () => {
    const { limit_mib: limit, spike_limit_mib: spike } = config.processors['memory_limiter'] as Record<string, number>;
    const goal = Number(/^(\d+)MiB$/.exec(collector.environment?.['GOMEMLIMIT'] ?? '')?.[1]);
    const container = Number(/^(\d+)m$/.exec(collector.mem_limit ?? '')?.[1]);
    expect(goal).toBeGreaterThan((limit ?? 0) - (spike ?? 0));
    expect(limit).toBeGreaterThan(goal);
    expect(container).toBeGreaterThanOrEqual((limit ?? 0) * 1.2);
  });

  it('leads from Grafana to the viewer', () => {
    expect(override.services['grafana']?.environment?.['TRACE_URL']).toBe('http://127.0.0.1:16686/trace');
  });
});

describe('Prometheus beside the collector', () => {
  it('has the configuration that it has without, two jobs and a folder of rules more', () => {
    interface Scraping {
      readonly rule_files: readonly string[];
      readonly scrape_configs: readonly unknown[];
    }
    const base = yamlOf('docker/prometheus/prometheus.yml') as Scraping;
    const tracing = yamlOf('docker/prometheus/prometheus.tracing.yml') as Scraping;
    expect(tracing).toEqual({
      ...base,
      rule_files: [...base.rule_files, 'rules-tracing/*.yml'],
      scrape_configs: [
        ...base.scrape_configs,
        { job_name: 'otel-collector', static_configs: [{ targets: ['otel-collector:8888'] }] },
        {
          job_name: 'otel-collector-spans',
          static_configs: [{ targets: ['otel-collector:8889'] }],
          metric_relabel_configs: [{ action: 'labeldrop', regex: 'exported_(job|instance)' }],
        },
      ],
    });
    expect(config.exporters['prometheus']).toMatchObject({ endpoint: '0.0.0.0:8889' });
    expect(config.service.telemetry).toMatchObject({
      metrics: { readers: [{ pull: { exporter: { prometheus: { host: '0.0.0.0', port: 8888 } } } }] },
    });
  });
});
