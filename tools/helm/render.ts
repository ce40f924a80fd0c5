import path from 'node:path';
import { execa } from 'execa';
import { LaunchError } from '../launcher/failure.ts';
import { cases, chartDirectory } from './chart-paths.ts';

/** A release by this name: the values files speak of it. Helm is told what it would ask a cluster. */
const release = ['signalpress', '--namespace', 'signalpress', '--kube-version', '1.37.0'];

/** What Helm makes of a case. @throws LaunchError with what Helm says */
export async function render(helm: string, name: string, chart = chartDirectory): Promise<string> {
  const files = (cases[name] ?? []).flatMap((file) => ['--values', path.join(chartDirectory, file)]);
  const { failed, stdout, stderr } = await execa(
    helm,
    ['template', ...release.slice(0, 1), chart, ...release.slice(1), ...files],
    {
      reject: false,
      stripFinalNewline: false,
    },
  );
  if (failed) throw new LaunchError(`helm template, case ${name}: ${withoutLinks(stderr)}`);
  return stdout;
}

/** What Helm says against settings that are wrong; undefined when it takes them. */
export async function refusal(helm: string, settings: readonly string[]): Promise<string | undefined> {
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const { failed, stderr } = await execa(helm, ['template', ...release, chartDirectory, ...sets], { reject: false });
  return failed ? withoutLinks(stderr) : undefined;
}

/** Helm remarks on each symbolic link that it follows. */
export function withoutLinks(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('found symbolic link in path'))
    .join('\n')
    .trim();
}

/**
 * A render as it is committed: without what is in the repository anyway. `holdSources` compares that; here it would bury what a
 * reviewer is to see, and change the render with every change of a dashboard or a rule.
 */
export function golden(rendered: string): string {
  return rendered
    .replaceAll(/^( {2}[\w-]+\.(?:json|yml)): \|-\n(?: {4}.*\n|\n(?= {4}))+/gm, '$1: (from its source)\n')
    .replaceAll(/^( {2}groups):\n(?: {4}.*\n)+/gm, '$1: (from its source)\n');
}
