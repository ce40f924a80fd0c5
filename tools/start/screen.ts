import { Listr } from 'listr2';
import type { StartOptions } from './options.ts';

/** One visible stage of the run. `say` replaces the line of text that is shown under its title. */
export interface Step {
  readonly title: string;
  /** @returns what to show beside the title once it is done. */
  run(say: (text: string) => void): Promise<string>;
}

/** Whether somebody watches a terminal that nothing else writes to. */
export function isLive({ json, logs }: StartOptions): boolean {
  return process.stdout.isTTY && !json && !logs;
}

/** A live list on a terminal; plain lines on standard error where nobody watches, so that standard output stays clean. */
export async function runSteps(steps: readonly Step[], live: boolean): Promise<void> {
  await (live ? runLive(steps) : runPlain(steps));
}

async function runLive(steps: readonly Step[]): Promise<void> {
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_context, task) => {
        const done = await step.run((text) => {
          task.output = text;
        });
        task.title = `${step.title}: ${done}`;
      },
    })),
    {
      exitOnError: true,
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false },
    },
  );
  await list.run();
}

async function runPlain(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const began = performance.now();
    let last = '';
    const done = await step.run((text) => {
      if (text !== last) process.stderr.write(`  ${text}\n`);
      last = text;
    });
    process.stderr.write(`${step.title}: ${done} (${((performance.now() - began) / 1_000).toFixed(1)} s)\n`);
  }
}
