import { createHash } from 'node:crypto';
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
 * A render as it is committed: of each dashboard only the hash of its JSON, for 230 kB of what is in the repository anyway would
 * bury what a reviewer is to see.
 */
export function golden(rendered: string): string {
  return rendered.replaceAll(/^( {2}\w+\.json): \|-\n((?: {4}.*\n)+)/gm, (_, key: string, block: string) => {
    const content = block.replaceAll(/^ {4}/gm, '').trimEnd();
    return `${key}: sha256:${createHash('sha256').update(content).digest('hex')}\n`;
  });
}
