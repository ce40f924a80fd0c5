import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { parse } from 'yaml';
import { workspaceRoot } from '../launcher/workspace.ts';
import { cases, chartDirectory } from './chart-paths.ts';
import { componentOf, manifestsOf, ofKind, podsOf, selects } from './manifests.ts';
import type { Container, Manifest } from './manifests.ts';

/** As zod's schemas: the env.ts of a service exports one. */
interface EnvironmentSchema {
  readonly shape: Readonly<Record<string, unknown>>;
  readonly safeParse: (values: unknown) => { data?: object; error?: { message: string } };
}

const serviceNames = Object.keys(services) as ServiceName[];
const schemas: Partial<Record<ServiceName, EnvironmentSchema>> = {};
let eventTransport: (env: unknown) => unknown;

beforeAll(async () => {
  const events = path.join(workspaceRoot, 'libs/service-defaults/src/environment/events-env.ts');
  ({ eventTransport } = (await import(events)) as { eventTransport: (env: unknown) => unknown });
  for (const service of serviceNames) {
    const file = path.join(workspaceRoot, 'apps', service, 'src/env.ts');
    schemas[service] = ((await import(file)) as { schema: EnvironmentSchema }).schema;
  }
});

/** Values such as the Secrets hold. */
const secretValues: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://signalpress:pw@database:5432/signalpress',
  ADMIN_KEY_SHA256: 'a'.repeat(64),
  STOREFRONT_API_KEY: 'k'.repeat(24),
  METRICS_TOKEN: 't'.repeat(16),
  SENTRY_DSN: 'https://key@sentry.example.org/1',
  PAGERDUTY_ROUTING_KEY: 'R'.repeat(32),
  KAFKA_SASL_USERNAME: 'user',
  KAFKA_SASL_PASSWORD: 'password',
};

/** What the runtime or the telemetry reads, not the service's own schema. */
const readElsewhere = /^(?:OTEL_.+|NODE_EXTRA_CA_CERTS|POD_NAME|POD_NAMESPACE)$/;

const deploymentOf = (manifests: readonly Manifest[], service: string) =>
  ofKind(manifests, 'Deployment').find((manifest) => componentOf(manifest) === service)!;
const containerOf = (manifests: readonly Manifest[], service: string): Container =>
  deploymentOf(manifests, service).spec.template!.spec.containers[0]!;
const variable = ({ env }: Container, name: string) => env.find((each) => each.name === name)?.value;

describe.each(Object.keys(cases))('the render "%s"', (name) => {
  const manifests = manifestsOf(name);

  it('has a Deployment and a Service of each service, whose ports and probes are those of its container', () => {
    for (const service of serviceNames) {
      const { spec } = deploymentOf(manifests, service);
      const container = containerOf(manifests, service);
      const { containerPort: port } = services[service];
      expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
      expect(variable(container, 'PORT')).toBe(String(port));
      expect(
        [container.startupProbe, container.livenessProbe, container.readinessProbe].map((probe) => probe?.httpGet),
      ).toEqual(['startup', 'live', 'ready'].map((which) => ({ path: `/health/${which}`, port: 'http' })));
      const front = ofKind(manifests, 'Service').find((manifest) => componentOf(manifest) === service)!;
      expect(front.spec.ports).toEqual([expect.objectContaining({ port, targetPort: 'http' })]);
      const { labels } = spec.template!.metadata;
      expect(selects(front.spec.selector!, labels)).toBe(true);
      expect(selects(spec.selector!.matchLabels!, labels)).toBe(true);
    }
  });

  it.each(serviceNames)('gives %s an environment that it starts with', (service) => {
    const { env } = containerOf(manifests, service);
    const names = env.map((each) => each.name);
    expect(names.filter((each, index) => names.indexOf(each) < index)).toEqual([]);
    const own = env.filter((each) => !readElsewhere.test(each.name));
    const { shape, safeParse } = schemas[service]!;
    expect(own.map((each) => each.name).filter((each) => !(each in shape))).toEqual([]);
    const given = Object.fromEntries(own.map((each) => [each.name, each.value ?? secretValues[each.name]]));
    const { data, error } = safeParse(given);
    expect(error?.message).toBeUndefined();
    if (service === 'api-gateway') return;
    // The certificates are files of the pod.
    const files = { KAFKA_TLS_CA_FILE: undefined, KAFKA_TLS_CERT_FILE: undefined, KAFKA_TLS_KEY_FILE: undefined };
    expect(eventTransport({ ...data, ...files })).toMatchObject({ kind: name === 'default' ? 'postgres' : 'kafka' });
  });

  it('stops pods later than services stop themselves, and says "not ready" for a part of that', () => {
    for (const service of serviceNames) {
      const container = containerOf(manifests, service);
      const deadline = Number(variable(container, 'SHUTDOWN_DEADLINE_SECONDS'));
      const delay = Number(variable(container, 'SHUTDOWN_READINESS_DELAY_SECONDS'));
      expect(deploymentOf(manifests, service).spec.template!.spec.terminationGracePeriodSeconds).toBeGreaterThan(
        deadline,
      );
      expect(delay).toBeGreaterThan(0);
      expect(delay * 5).toBeLessThanOrEqual(deadline);
    }
  });

  it('renders no Secret and no value of one', () => {
    expect(ofKind(manifests, 'Secret')).toEqual([]);
    const variables = podsOf(manifests).flatMap(({ spec }) =>
      [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ env }) => env),
    );
    const secret = variables.filter((each) =>
      /TOKEN|PASSWORD|SHA256|DSN|DATABASE_URL|(?<!KAFKA_TLS)_KEY$/.test(each.name),
    );
    expect(secret.length).toBeGreaterThan(20);
    expect(secret.filter((each) => each.value !== undefined || !each.valueFrom?.secretKeyRef)).toEqual([]);
  });

  it('runs everything as a user that can do nothing else', () => {
    for (const { name: pod, labels, spec } of podsOf(manifests)) {
      expect([pod, spec.securityContext]).toEqual([
        pod,
        expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      ]);
      // Grafana's sidecar alone asks the API server.
      expect([pod, spec.automountServiceAccountToken]).toEqual([pod, labels['app.kubernetes.io/name'] === 'grafana']);
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        // The Kafka image writes its configuration when it starts.
        const readOnlyRootFilesystem = container.name !== 'kafka';
        const capabilities = { drop: ['ALL'] };
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem,
          capabilities,
        });
        expect(container.resources.limits['memory']).toBeDefined();
        expect(container.resources.requests['cpu']).toBeDefined();
        const volumes = (spec.volumes ?? []).map((volume) => volume.name);
        const mounts = (container.volumeMounts ?? []).map((mount) => mount.name).filter((mount) => mount !== 'data');
        expect(mounts.filter((mount) => !volumes.includes(mount))).toEqual([]);
      }
    }
  });

  it('names the images by the version of the chart', () => {
    const { appVersion } = parse(readFileSync(path.join(chartDirectory, 'Chart.yaml'), 'utf8')) as {
      appVersion: string;
    };
    const { version } = JSON.parse(readFileSync(path.join(workspaceRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(appVersion).toBe(version);
    for (const service of serviceNames) {
      expect(containerOf(manifests, service).image).toMatch(new RegExp(`(^|/)signalpress/${service}:${version}$`));
    }
    const images = podsOf(manifests).flatMap(({ spec }) => spec.containers.map(({ image }) => image));
    expect(images.filter((image) => !/:\d/.test(image))).toEqual([]);
  });

  it('has a disruption budget where, and only where, a service runs more than once', () => {
    const scalers = ofKind(manifests, 'HorizontalPodAutoscaler');
    const several = serviceNames.filter((service) => {
      const scaler = scalers.find((manifest) => componentOf(manifest) === service);
      const { replicas } = deploymentOf(manifests, service).spec;
      // Two owners of one number would fight.
      expect(scaler === undefined).toBe(replicas !== undefined);
      if (scaler) expect(scaler.spec.scaleTargetRef!.name).toBe(deploymentOf(manifests, service).metadata.name);
      return (scaler?.spec.minReplicas ?? replicas ?? 0) > 1;
    });
    expect(ofKind(manifests, 'PodDisruptionBudget').map(componentOf).sort()).toEqual([...several].sort());
  });

  it('migrates every service that has migrations, before the pods change', () => {
    const [job] = ofKind(manifests, 'Job');
    expect(job!.metadata.annotations!['helm.sh/hook']).toContain('pre-upgrade');
    const withMigrations = serviceNames.filter((service) =>
      existsSync(path.join(workspaceRoot, 'apps', service, 'migrations')),
    );
    expect(withMigrations).toHaveLength(7);
    const { containers } = job!.spec.template!.spec;
    expect(containers.map((container) => container.name).sort()).toEqual([...withMigrations].sort());
    for (const { name: service, image } of containers) expect(image).toBe(containerOf(manifests, service).image);
  });

  it('gives each dashboard a ConfigMap that the sidecar looks for', () => {
    const found = ofKind(manifests, 'ConfigMap').filter(({ metadata }) => metadata.labels['grafana_dashboard'] === '1');
    const files = readdirSync(path.join(workspaceRoot, 'infrastructure/grafana/dashboards'));
    expect(found.flatMap(({ data }) => Object.keys(data ?? {})).sort()).toEqual(files.sort());
  });
});

describe('production', () => {
  const manifests = manifestsOf('production');

  it('scales consumers on a metric that they have, by the label that a scrape gives it', () => {
    const source = readFileSync(path.join(workspaceRoot, 'libs/messaging/src/consumer/consumer.metrics.ts'), 'utf8');
    const external = ofKind(manifests, 'HorizontalPodAutoscaler').flatMap((manifest) =>
      manifest.spec.metrics!.flatMap((metric) =>
        metric.external ? [{ service: componentOf(manifest), ...metric.external.metric }] : [],
      ),
    );
    expect(external.map(({ service }) => service).sort()).toEqual([
      'marketplace-publisher',
      'mockup-generation',
      'orchestrator',
      'scoring-engine',
    ]);
    for (const { service, name, selector } of external) {
      expect(source).toContain(`name: '${name}'`);
      expect(selector.matchLabels).toEqual({ job: service });
    }
    // The scrape names the job after the component.
    expect(ofKind(manifests, 'ServiceMonitor')[0]!.spec.jobLabel).toBe('app.kubernetes.io/component');
  });

  it('lets several pods share the files', () => {
    const [claim] = ofKind(manifests, 'PersistentVolumeClaim');
    expect(claim!.spec).toMatchObject({ accessModes: ['ReadWriteMany'] });
    expect(deploymentOf(manifests, 'mockup-generation').spec.strategy!.type).toBe('RollingUpdate');
  });
});

describe('small', () => {
  const manifests = manifestsOf('small');

  it('brings a Grafana that looks for the label that the dashboards wear, in their folder', () => {
    const pod = podsOf(manifests).find(({ labels }) => labels['app.kubernetes.io/name'] === 'grafana')!;
    const [init, sidecar] = [pod.spec.initContainers![0]!, pod.spec.containers[1]!];
    const dashboards = ofKind(manifests, 'ConfigMap').filter(({ data }) => data?.['latency.json'] !== undefined);
    expect(dashboards).toHaveLength(1);
    const { labels, annotations } = dashboards[0]!.metadata;
    expect(labels[variable(sidecar, 'LABEL')!]).toBe(variable(sidecar, 'LABEL_VALUE'));
    expect(annotations![variable(sidecar, 'FOLDER_ANNOTATION')!]).toBe('Signalpress');
    const sources = ofKind(manifests, 'ConfigMap').find(
      ({ metadata }) => metadata.labels[variable(init, 'LABEL')!] === '1',
    )!;
    expect(Object.keys(sources.data!)).toEqual(['signalpress.yml']);
    // Every variable that the data sources are made of is in Grafana's environment.
    const grafana = pod.spec.containers[0]!.env.map((each) => each.name);
    const source = path.join(workspaceRoot, 'docker/grafana/provisioning/datasources/signalpress.yml');
    const needed = [
      ...readFileSync(source, 'utf8')
        .replaceAll(/^ *#.*$/gm, '')
        .matchAll(/(?<![$\w])\$([A-Z]\w*)/g),
    ].map(([, each = '']) => each);
    expect(needed.length).toBeGreaterThan(5);
    expect(needed.filter((each) => !grafana.includes(each))).toEqual([]);
  });

  it('migrates after its database is there', () => {
    expect(ofKind(manifests, 'Job')[0]!.metadata.annotations!['helm.sh/hook']).toBe('post-install,pre-upgrade');
  });
});
