import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { parse, parseAllDocuments } from 'yaml';
import { LaunchError } from '../../launcher/failure.ts';
import { cases, chartDirectory } from '../chart-paths.ts';
import { withoutLinks } from '../render.ts';
import type { ApiServer } from './api-server.ts';

interface Installation {
  readonly helm: string;
  readonly server: ApiServer;
  /** CustomResourceDefinitions, as YAML. */
  readonly definitions: readonly string[];
  readonly say: (line: string) => void;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: object };
  readonly spec?: {
    readonly template?: { readonly metadata: object; readonly spec: { readonly volumes?: readonly object[] } };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const definitionsRoute = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Installs every case of the chart in a namespace of its own, upgrades and uninstalls it. @throws LaunchError with what is refused */
export async function install({ helm, server, definitions, say }: Installation): Promise<void> {
  for (const definition of definitions) await taken(server, 'POST', definitionsRoute, parse(definition));
  // Of those who look after Prometheus and Grafana: values-production.yaml puts the dashboards there.
  await taken(server, 'POST', '/api/v1/namespaces', { metadata: { name: 'monitoring' } });
  const run = (...args: readonly string[]) =>
    execa(helm, args, { env: { KUBECONFIG: server.kubeconfig }, reject: false, all: true });
  for (const [name, files] of Object.entries(cases)) {
    const namespace = `case-${name}`;
    // A namespace that lets in nothing but pods without rights.
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await taken(server, 'POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } });
    // A controller's part.
    await taken(server, 'POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
    await holdAdmission(server, namespace);
    const values = files.flatMap((file) => ['--values', path.join(chartDirectory, file)]);
    const release = ['signalpress', chartDirectory, '--namespace', namespace, ...values];
    const wanted = ['--timeout', '5m', '--wait=hookOnly'];
    for (const word of ['install', 'upgrade']) {
      const installing = run(word, ...release, ...wanted);
      // The kubelet's part: a hook is over when its Job says so.
      const { failed, all } = await withJobsDone(server, namespace, installing);
      if (failed) throw new LaunchError(`helm ${word}, case ${name}: ${withoutLinks(all)}`);
    }
    const { stdout } = await run('get', 'manifest', 'signalpress', '--namespace', namespace);
    const hooks = await run('get', 'hooks', 'signalpress', '--namespace', namespace);
    const pods = await admit(server, namespace, `${stdout}\n---\n${hooks.stdout}`);
    const gone = await run('uninstall', 'signalpress', '--namespace', namespace, '--wait=hookOnly');
    if (gone.failed) throw new LaunchError(`helm uninstall, case ${name}: ${gone.all}`);
    say(`${name}: installed, upgraded, uninstalled; ${pods} pods admitted under "restricted"`);
  }
}

/** An admission that lets everything in would be worth nothing: here is what it has to refuse. */
async function holdAdmission(server: ApiServer, namespace: string): Promise<void> {
  const spec = { hostNetwork: true, containers: [{ name: 'a', image: 'a:1' }] };
  const pod = { metadata: { name: 'a' }, spec };
  const { status } = await server.ask('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod);
  if (status !== 403) throw new LaunchError(`a pod in the network of the node was answered with ${status}, not 403`);
}

async function taken(server: ApiServer, method: string, route: string, body: unknown): Promise<void> {
  const { status, body: answer } = await server.ask(method, route, body);
  if (status >= 300) throw new LaunchError(`${method} ${route}: ${status} ${answer.message ?? ''}`);
}

/** Says of every Job that comes up that it is complete, for as long as something runs. */
async function withJobsDone<Result>(server: ApiServer, namespace: string, running: Promise<Result>): Promise<Result> {
  const watch = { isOver: false };
  const over = (): void => void (watch.isOver = true);
  running.then(over, over);
  const route = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  while (!watch.isOver) {
    const { body } = await server.ask('GET', route);
    for (const job of (body.items ?? []) as { metadata: { name: string }; status: { succeeded?: number } }[]) {
      if (job.status.succeeded !== undefined) continue;
      const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
      const said = { status: 'True', lastTransitionTime: now, reason: 'CompletionsReached', message: '' };
      const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, ...said }));
      const status = { succeeded: 1, startTime: now, completionTime: now, conditions };
      await taken(server, 'PATCH', `${route}/${job.metadata.name}/status`, { status });
    }
    await sleep(200);
  }
  return running;
}

/** Nobody makes pods of the Deployments here: each template is sent as a pod, to be admitted and not kept. */
async function admit(server: ApiServer, namespace: string, rendered: string): Promise<number> {
  const manifests = parseAllDocuments(rendered)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
  let count = 0;
  for (const { kind, metadata, spec } of manifests) {
    const template = kind === 'Pod' ? { metadata: { labels: metadata.labels }, spec } : spec?.template;
    if (template === undefined) continue;
    const claims = (spec?.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
      name,
      persistentVolumeClaim: { claimName: `${name}-0` },
    }));
    const volumes = [...((template.spec as { volumes?: object[] }).volumes ?? []), ...claims];
    const pod = {
      metadata: { ...template.metadata, name: `${metadata.name}-0` },
      spec: { ...template.spec, volumes },
    };
    await taken(server, 'POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`, pod);
    count++;
  }
  return count;
}
