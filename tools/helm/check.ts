import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { LaunchError } from '../launcher/failure.ts';
import { cases, chartDirectory, goldenDirectory } from './chart-paths.ts';
import { golden, refusal, render, withoutLinks } from './render.ts';
import { holdSources } from './sources.ts';
import { fetchToolchain, kubernetesVersions } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';
import { wrongSettings } from './wrong-settings.ts';

interface Options {
  /** Write the renders instead of comparing them. */
  readonly update: boolean;
  readonly say: (line: string) => void;
}

/** Everything that takes the real Helm. @throws LaunchError with the first thing that is wrong */
export async function check({ update, say }: Options): Promise<void> {
  const tools = await fetchToolchain();
  const { stdout: version } = await execa(tools.helm, ['version', '--short']);
  say(`Helm ${version}`);
  await holdValidation(tools);
  for (const [name, files] of Object.entries(cases)) {
    await lint(tools.helm, files);
    const rendered = await render(tools.helm, name);
    const counts = await validate(tools, name, rendered);
    holdSources(name, rendered);
    if (update) writeGolden(name, rendered);
    else await compare(name, rendered);
    say(`${name}: lint, ${counts}, as in golden/${name}.yaml`);
  }
  await holdPackage(tools.helm);
  say('the packaged chart renders the same: its links were followed');
  await holdRefusals(tools.helm);
  say(`${wrongSettings.length} wrong settings are refused, each with its reason`);
}

async function lint(helm: string, files: readonly string[]): Promise<void> {
  const values = files.flatMap((file) => ['--values', path.join(chartDirectory, file)]);
  const { failed, all } = await execa(helm, ['lint', '--strict', chartDirectory, ...values], {
    reject: false,
    all: true,
  });
  if (failed) throw new LaunchError(`helm lint --strict ${files.join(' ')}:\n${withoutLinks(all)}`);
}

/** A validation that lets a typo through would be worth nothing: here are two that it has to find. */
async function holdValidation(tools: Toolchain): Promise<void> {
  const typos = [
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a, imagePullPolcy: Always}]}\n',
    'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\nspec: {selector: {}, endpoints: [{prt: http}]}\n',
  ];
  for (const typo of typos) {
    const found = await validate(tools, 'typo', typo).catch((error: unknown) => error);
    if (!(found instanceof LaunchError) || !/imagePullPolcy|prt/.test(found.message)) {
      throw new LaunchError(`the validation does not find the typo in\n${typo}`);
    }
  }
}

/** Every manifest against the schemas of the oldest and the newest Kubernetes; a field that they do not know is an error. */
async function validate(tools: Toolchain, name: string, rendered: string): Promise<string> {
  let count = 0;
  for (const version of kubernetesVersions) {
    const locations = tools.schemaLocations(version).flatMap((location) => ['-schema-location', location]);
    const { failed, stdout, stderr } = await execa(
      tools.kubeconform,
      ['-strict', '-summary', '-output', 'json', '-kubernetes-version', version, ...locations],
      { input: rendered, reject: false },
    );
    if (failed) throw new LaunchError(`kubeconform, case ${name}, Kubernetes ${version}:\n${invalid(stdout)}${stderr}`);
    const { summary } = JSON.parse(stdout) as Validation;
    if (summary.skipped > 0) throw new LaunchError(`kubeconform, case ${name}: ${summary.skipped} were skipped`);
    count = summary.valid;
  }
  return `${count} manifests valid for Kubernetes ${kubernetesVersions.join(' and ')}`;
}

interface Validation {
  readonly resources?: readonly { readonly kind: string; readonly name: string; readonly msg: string }[];
  readonly summary: { readonly valid: number; readonly skipped: number };
}

function invalid(output: string): string {
  const { resources = [] } = JSON.parse(output) as Validation;
  return resources.map(({ kind, name, msg }) => `${kind} ${name}: ${msg}\n`).join('');
}

function writeGolden(name: string, rendered: string): void {
  mkdirSync(goldenDirectory, { recursive: true });
  writeFileSync(path.join(goldenDirectory, `${name}.yaml`), golden(rendered));
}

async function compare(name: string, rendered: string): Promise<void> {
  const file = path.join(goldenDirectory, `${name}.yaml`);
  if (existsSync(file) && readFileSync(file, 'utf8') === golden(rendered)) return;
  const { stdout } = await execa('diff', ['--unified', file, '-'], { input: golden(rendered), reject: false });
  throw new LaunchError(`the render is not golden/${name}.yaml (npm run helm:check -- --update):\n${stdout}`);
}

async function holdPackage(helm: string): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'signalpress-chart-'));
  try {
    await execa(helm, ['package', chartDirectory, '--destination', directory]);
    const [archive = ''] = readdirSync(directory);
    const packaged = await render(helm, 'production', path.join(directory, archive));
    if (packaged !== (await render(helm, 'production'))) {
      throw new LaunchError('the packaged chart does not render what the chart in the repository does');
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function holdRefusals(helm: string): Promise<void> {
  for (const { settings, reason } of wrongSettings) {
    const said = await refusal(helm, settings);
    if (!said?.includes(reason)) {
      throw new LaunchError(
        `${settings.join(' ')} should be refused with "${reason}", and Helm says: ${said ?? 'nothing'}`,
      );
    }
  }
}
