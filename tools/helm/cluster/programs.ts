import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { LaunchError } from '../../launcher/failure.ts';
import { once } from '../../toolchain/kept.ts';

/** In the middle of what the chart allows; a later one takes a later Go. */
export const kubernetesVersion = '1.34.2';
const etcdVersion = '3.6.6';

export interface ClusterPrograms {
  readonly apiServer: string;
  readonly etcd: string;
}

/** The API server of Kubernetes and its store, built from their Go modules the first time, which takes ten minutes of two cores. */
export async function clusterPrograms(): Promise<ClusterPrograms> {
  const etcd = await built({ name: 'etcd', version: etcdVersion, module: 'go.etcd.io/etcd/server/v3' });
  // Helm asks which version it talks to.
  const [major = '', minor = ''] = kubernetesVersion.split('.');
  const said = { gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor };
  const apiServer = await built({
    name: 'kube-apiserver',
    version: kubernetesVersion,
    module: 'k8s.io/kubernetes',
    program: 'k8s.io/kubernetes/cmd/kube-apiserver',
    // Parts of it are folders beside it, and modules of the same release.
    parts: { pattern: /^\s+(k8s\.io\/[\w.-]+) v0\.0\.0(?:\s|$)/gm, version: kubernetesVersion.replace(/^1/, 'v0') },
    flags: Object.entries(said).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`),
  });
  return { etcd, apiServer };
}

interface ModuleProgram {
  readonly name: string;
  readonly version: string;
  readonly module: string;
  /** The package, where it is not the module's own. */
  readonly program?: string;
  /** Modules that its go.mod names without a version, and the version that they have. */
  readonly parts?: { readonly pattern: RegExp; readonly version: string };
  /** For the linker. */
  readonly flags?: readonly string[];
}

/** The program of a module that `go install` refuses because its go.mod replaces modules: it is built from a module of ours. */
async function built({ name, version, module, program = module, parts, flags = [] }: ModuleProgram): Promise<string> {
  const directory = await once(`${name}-${version}`, async (target) => {
    process.stderr.write(`building ${name} ${version}, once\n`);
    const folder = mkdtempSync(path.join(tmpdir(), `${name}-`));
    const go = async (...args: string[]): Promise<string> => {
      const env = { GOFLAGS: '-mod=mod -buildvcs=false' };
      const { failed, stdout, stderr } = await execa('go', args, { cwd: folder, env, reject: false });
      if (failed) throw new LaunchError(`${name} ${version} could not be built: ${(stderr || stdout).slice(-800)}`);
      return stdout;
    };
    try {
      const { GoMod } = JSON.parse(await go('mod', 'download', '-json', `${module}@v${version}`)) as { GoMod: string };
      const found = parts === undefined ? [] : [...readFileSync(GoMod, 'utf8').matchAll(parts.pattern)];
      const replaced = found.map(([, part = '']) => `replace ${part} => ${part} ${parts?.version ?? ''}`);
      const lines = [`module ${name}`, 'go 1.24.0', `require ${module} v${version}`, ...replaced, ''];
      writeFileSync(path.join(folder, 'go.mod'), lines.join('\n'));
      await go(
        'build',
        '-trimpath',
        `-ldflags=${['-s -w', ...flags].join(' ')}`,
        '-o',
        path.join(target, name),
        program,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return path.join(directory, name);
}

/** The resource definitions of the Prometheus Operator that the chart makes resources of. */
export async function operatorDefinitions(): Promise<string[]> {
  const module = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
  const { stdout } = await execa('go', ['mod', 'download', '-json', module], { cwd: tmpdir() });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const folder = path.join(Dir, 'example/prometheus-operator-crd');
  const wanted = /_(servicemonitors|prometheusrules)\.yaml$/;
  return readdirSync(folder)
    .filter((file) => wanted.test(file))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'));
}
