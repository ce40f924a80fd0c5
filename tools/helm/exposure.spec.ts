import { describe, expect, it } from '@jest/globals';
import { services } from '@signalpress/contracts';
import { componentOf, manifestsOf, ofKind, podsOf, selects } from './manifests.ts';

const serviceNames = Object.keys(services).sort();

interface Monitor {
  readonly selector: {
    readonly matchLabels: Readonly<Record<string, string>>;
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values: string[];
    }[];
  };
  readonly endpoints: readonly { readonly port: string; readonly path: string; readonly authorization: unknown }[];
}

interface Entrance {
  readonly rules: readonly {
    readonly http: {
      readonly paths: readonly {
        readonly backend: { readonly service: { readonly name: string; readonly port: unknown } };
      }[];
    };
  }[];
}

describe('what production shows to others', () => {
  const manifests = manifestsOf('production');
  const fronts = ofKind(manifests, 'Service');

  it('lets Prometheus find the eight services, by a port that they have and with the token that they ask for', () => {
    const { selector, endpoints } = ofKind(manifests, 'ServiceMonitor')[0]!.spec as unknown as Monitor;
    const chosen = fronts.filter(
      ({ metadata: { labels } }) =>
        selects(selector.matchLabels, labels) &&
        selector.matchExpressions.every(
          ({ key, operator, values }) => operator === 'In' && values.includes(labels[key]!),
        ),
    );
    expect(chosen.map(componentOf).sort()).toEqual(serviceNames);
    expect(endpoints).toEqual([expect.objectContaining({ port: 'http', path: '/metrics' })]);
    for (const { spec } of chosen) expect(spec.ports!.map(({ name }) => name)).toEqual(['http']);
    const asked = podsOf(manifests)
      .filter(({ labels }) => serviceNames.includes(labels['app.kubernetes.io/component']!))
      .flatMap(({ spec }) => spec.containers.flatMap(({ env }) => env.filter(({ name }) => name === 'METRICS_TOKEN')));
    expect(asked.length).toBeGreaterThanOrEqual(8);
    const references = new Set(asked.map(({ valueFrom }) => JSON.stringify(valueFrom?.secretKeyRef)));
    expect(references.size).toBe(1);
    expect(endpoints[0]!.authorization).toEqual({ type: 'Bearer', credentials: asked[0]!.valueFrom!.secretKeyRef });
  });

  it('lets buyers in at the gateway alone', () => {
    const entrances = ofKind(manifests, 'Ingress').map(({ spec }) => spec as unknown as Entrance);
    const backends = entrances.flatMap(({ rules }) =>
      rules.flatMap(({ http }) => http.paths.map((each) => each.backend)),
    );
    const gateway = fronts.find((manifest) => componentOf(manifest) === 'api-gateway')!;
    expect(backends).toEqual([{ service: { name: gateway.metadata.name, port: { name: 'http' } } }]);
  });

  it('scales on nothing but what the pods ask for, or what they tell', () => {
    for (const { spec } of ofKind(manifests, 'HorizontalPodAutoscaler')) {
      const target = podsOf(manifests).find(({ name }) => name === spec.scaleTargetRef!.name)!;
      expect(spec.metrics!.map(({ type }) => type)).toContain('Resource');
      expect(target.spec.containers[0]!.resources.requests['cpu']).toBeDefined();
    }
  });
});

describe('external', () => {
  const manifests = manifestsOf('external');

  it('brings no store, and mounts the certificates where the variables say that they are', () => {
    expect(ofKind(manifests, 'StatefulSet')).toEqual([]);
    const consumers = podsOf(manifests).filter(({ labels }) =>
      serviceNames.filter((name) => name !== 'api-gateway').includes(labels['app.kubernetes.io/component']!),
    );
    expect(consumers).toHaveLength(7);
    for (const { spec } of consumers) {
      const { env, volumeMounts = [] } = spec.containers[0]!;
      const files = env.filter(({ name }) => /^KAFKA_TLS_(CA|CERT|KEY)_FILE$/.test(name));
      expect(files).toHaveLength(3);
      const folders = volumeMounts.map(({ mountPath }) => `${mountPath}/`);
      expect(files.filter(({ value }) => !folders.some((folder) => value?.startsWith(folder)))).toEqual([]);
    }
  });
});
