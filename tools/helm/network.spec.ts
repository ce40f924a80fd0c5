import { describe, expect, it } from '@jest/globals';
import { services } from '@signalpress/contracts';
import { cases } from './chart-paths.ts';
import { componentOf, manifestsOf, ofKind, podsOf, selects } from './manifests.ts';
import type { Manifest, Peer } from './manifests.ts';

type Labels = Readonly<Record<string, string>>;

const component = 'app.kubernetes.io/component';
const serviceNames = Object.keys(services) as (keyof typeof services)[];

/** Whether the policies let pods with labels `from` open a connection to pods with labels `to`, both in the release's namespace. */
function isAllowed(policies: readonly Manifest[], from: Labels, to: Labels, port: number): boolean {
  const allows = (direction: 'Ingress' | 'Egress', own: Labels, other: Labels) => {
    const mine = policies.filter(
      ({ spec }) => spec.policyTypes!.includes(direction) && selects(spec.podSelector!.matchLabels, own),
    );
    const rules = mine.flatMap(({ spec }) => (direction === 'Ingress' ? spec.ingress : spec.egress) ?? []);
    const meets = (peers: readonly Peer[] | undefined) =>
      peers === undefined || peers.some((peer) => peer.podSelector && selects(peer.podSelector.matchLabels, other));
    return (
      mine.length === 0 ||
      rules.some(
        (rule) => rule.ports.some((each) => each.port === port) && meets(direction === 'Ingress' ? rule.from : rule.to),
      )
    );
  };
  return allows('Egress', from, to) && allows('Ingress', to, from);
}

describe.each(Object.keys(cases))('the network policies of the render "%s"', (name) => {
  const manifests = manifestsOf(name);
  const policies = ofKind(manifests, 'NetworkPolicy');
  const pods = podsOf(manifests).filter(({ labels }) => labels['app.kubernetes.io/name'] === 'signalpress');
  const labelsOf = (service: string) => pods.find(({ labels }) => labels[component] === service)!.labels;
  const ruleFor = (service: string) => policies.find((manifest) => componentOf(manifest) === service)!.spec;

  it('close every pod in both directions to begin with', () => {
    const [deny] = policies.filter((manifest) => componentOf(manifest) === undefined);
    expect(deny!.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect([deny!.spec.ingress, deny!.spec.egress]).toEqual([undefined, undefined]);
    expect(pods.length).toBeGreaterThanOrEqual(10);
    expect(pods.filter(({ labels }) => !selects(deny!.spec.podSelector!.matchLabels, labels))).toEqual([]);
  });

  it('let services call whom their environment names, and nobody else', () => {
    const allowed = serviceNames.flatMap((from) =>
      serviceNames
        .filter((to) => from !== to && isAllowed(policies, labelsOf(from), labelsOf(to), services[to].containerPort))
        .map((to) => `${from} → ${to}`),
    );
    const named = pods.flatMap(({ labels, spec }) => {
      const from = labels[component]!;
      const urls = spec.containers[0]!.env.flatMap(({ name: variable, value }) =>
        variable.endsWith('_URL') && value ? [value] : [],
      );
      const targets = serviceNames.filter((to) =>
        urls.includes(`http://signalpress-${to}:${services[to].containerPort}`),
      );
      return serviceNames.some((each) => each === from) ? targets.map((to) => `${from} → ${to}`) : [];
    });
    expect(allowed.sort()).toEqual(named.sort());
    expect(allowed).toContain('marketplace-publisher → mockup-generation');
    expect(allowed).toHaveLength(7 + 7 + 1);
  });

  it('let the outside in at the gateway alone, scrapers apart', () => {
    const outside = serviceNames.filter((service) =>
      (ruleFor(service).ingress ?? []).some(
        ({ from }) =>
          from === undefined ||
          from.some(
            (peer) =>
              peer.namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] !== 'monitoring' && !peer.podSelector,
          ),
      ),
    );
    expect(outside).toEqual(['api-gateway']);
  });

  it('let out to the internet only who needs it, and never to private networks or cloud metadata', () => {
    const internet = serviceNames.filter((service) =>
      ruleFor(service).egress!.some(({ to }) => to?.some((peer) => peer.ipBlock?.cidr === '0.0.0.0/0')),
    );
    // Sentry is on in production: everybody reports there.
    expect(internet).toEqual(name === 'production' ? serviceNames : ['signal-ingestion']);
    for (const service of internet) {
      const rule = ruleFor(service).egress!.find(({ to }) => to?.some((peer) => peer.ipBlock?.cidr === '0.0.0.0/0'))!;
      expect(rule.to![0]!.ipBlock!.except).toEqual(
        expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '192.168.0.0/16']),
      );
      expect(rule.ports.map(({ port }) => port)).toEqual(service === 'signal-ingestion' ? [80, 443, 8080] : [443]);
    }
  });

  it('let everybody but the gateway to the database, and to brokers where there are some', () => {
    const kafka = pods.some(({ spec }) => spec.containers[0]!.env.some(({ value }) => value === 'kafka'));
    const brokers = { default: [], small: [9092], production: [9092], external: [9096] }[name]!;
    expect(kafka).toBe(brokers.length > 0);
    for (const service of serviceNames) {
      const ports = ruleFor(service).egress!.flatMap((rule) => rule.ports.map(({ port }) => port));
      const expected = service === 'api-gateway' ? [] : [5432, ...brokers];
      expect([service, ports.filter((port) => [5432, 9092, 9093, 9094, 9096].includes(port))]).toEqual([
        service,
        expected,
      ]);
    }
    expect(ruleFor('migrations').egress!.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual([53, 53, 5432]);
  });

  it('let everybody ask the name servers', () => {
    const silent = pods
      .filter(({ labels }) => labels[component] !== 'database')
      .filter(
        ({ labels }) =>
          !policies.some(
            ({ spec }) =>
              selects(spec.podSelector!.matchLabels, labels) &&
              spec.egress?.some(({ ports }) => ports.some(({ port }) => port === 53)),
          ),
      );
    expect(silent.map((pod) => pod.name)).toEqual([]);
  });

  it('let the stores of the release be reached by their users', () => {
    for (const [store, port] of [
      ['database', 5432],
      ['kafka', 9092],
    ] as const) {
      if (!pods.some(({ labels }) => labels[component] === store)) continue;
      const users = serviceNames.filter((service) => isAllowed(policies, labelsOf(service), labelsOf(store), port));
      expect(users).toEqual(serviceNames.filter((service) => service !== 'api-gateway'));
    }
  });
});
