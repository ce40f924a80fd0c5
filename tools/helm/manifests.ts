import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { goldenDirectory } from './chart-paths.ts';

type Labels = Readonly<Record<string, string>>;

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: unknown;
  };
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env: readonly EnvironmentVariable[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources: Readonly<Record<'requests' | 'limits', Labels>>;
  readonly securityContext: unknown;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
}

export interface Peer {
  readonly podSelector?: { readonly matchLabels: Labels };
  readonly namespaceSelector?: { readonly matchLabels: Labels };
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface Rule {
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}

/** A manifest, with as much of it as the specs look at. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Labels;
    readonly annotations?: Labels;
  };
  readonly data?: Labels;
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Labels } & Labels;
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly ports?: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
    readonly podSelector?: { readonly matchLabels: Labels };
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
    readonly scaleTargetRef?: { readonly name: string };
    readonly minReplicas?: number;
    readonly metrics?: readonly {
      readonly type: string;
      readonly external?: {
        readonly metric: { readonly name: string; readonly selector: { readonly matchLabels: Labels } };
      };
    }[];
    readonly jobLabel?: string;
    readonly strategy?: { readonly type: string };
  };
}

/** The manifests of a committed render. */
export function manifestsOf(name: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(path.join(goldenDirectory, `${name}.yaml`), 'utf8'))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

export function ofKind(manifests: readonly Manifest[], kind: string): Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

/** The service, job or store that a manifest belongs to. */
export function componentOf(manifest: Manifest): string | undefined {
  return manifest.metadata.labels['app.kubernetes.io/component'];
}

/** The pods that a manifest makes: their labels and what is in them. */
export function podsOf(manifests: readonly Manifest[]): { name: string; labels: Labels; spec: PodSpec }[] {
  return manifests.flatMap((manifest) => {
    const { kind, metadata } = manifest;
    // A ConfigMap has none.
    const spec = manifest.spec as Manifest['spec'] | undefined;
    if (kind === 'Pod') return [{ name: metadata.name, labels: metadata.labels, spec: spec as unknown as PodSpec }];
    return spec?.template
      ? [{ name: metadata.name, labels: spec.template.metadata.labels, spec: spec.template.spec }]
      : [];
  });
}

/** Whether a selector chooses an object with these labels. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
