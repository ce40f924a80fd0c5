import type { DrillName, DrillOptions, DrillRun, TransportName } from './options.ts';
import type { Facts } from './facts.ts';
import { violations } from './invariant.ts';
import { instancesMissing } from './spans.ts';
import { Stage } from './stage.ts';
import type { StageSettings } from './stage.ts';

/** What a drill is made for. */
export interface Form {
  readonly short: boolean;
  readonly transport: TransportName;
  readonly portOffset: number;
}

/** What a drill does between the start of the load and the rest after it. */
export interface Drill {
  /** What its line says of the transport, if it does not stay with the one that it begins on. */
  readonly transport?: string;
  readonly settings?: Partial<
    Pick<StageSettings, 'environment' | 'perProcess' | 'slots' | 'port' | 'loadEveryMs' | 'repeatRequests' | 'brokers'>
  >;
  /** Called before any service starts. */
  start?(): Promise<void>;
  /** Called with the services up and before any load. */
  prepare?(stage: Stage): Promise<void>;
  /** Does the harm. */
  run(stage: Stage): Promise<void>;
  /** After everything has come to rest, with the services still up. */
  rested?(stage: Stage): Promise<void>;
  /** What of the harm has been done while it is being done. */
  progress?(): string;
  /** What was done, in a few words each. */
  figures(): string[];
  /** What this drill in particular has to show; a line for each thing that it did not. */
  verdict(facts: Facts): string[];
  /** Gives back what the drill itself holds. */
  close?(): Promise<void>;
}

export interface DrillResult {
  readonly drill: DrillName;
  readonly transport: string;
  readonly figures: readonly string[];
  readonly violations: readonly string[];
  readonly seconds: number;
}

/** How often a drill says how far it has come. */
const progressEveryMs = 60_000;
/** Names of the outcomes that a load of every kind leads to. */
const outcomesWanted = ['listed', 'rejected', 'held'];

/** One drill from an empty database to its figures. */
export async function perform(
  { name, transport }: DrillRun,
  drill: Drill,
  options: DrillOptions & { readonly signal: AbortSignal },
): Promise<DrillResult> {
  const began = performance.now();
  const stage = new Stage({
    brokers: 1,
    environment: {},
    slots: 1,
    loadEveryMs: 700,
    repeatRequests: true,
    ...drill.settings,
    transport,
    portOffset: options.portOffset,
    seed: options.seed,
    signal: options.signal,
  });
  const say = (text: string): void =>
    void process.stderr.write(`  ${name} (${transport}): ${text} (${since(began)} s)\n`);
  try {
    await drill.start?.();
    await stage.open();
    await drill.prepare?.(stage);
    say('services are ready');
    stage.load.start();
    const progress = setInterval(
      () => say([drill.progress?.() ?? 'under way', `${stage.load.acknowledged.length} acknowledgements`].join(', ')),
      progressEveryMs,
    );
    try {
      await drill.run(stage);
    } finally {
      clearInterval(progress);
    }
    say('done, coming to rest');
    const unrest = await stage.settle();
    await drill.rested?.(stage);
    const answered = await stage.outcomes();
    say('at rest');
    const facts = await stage.facts(answered);
    return {
      drill: name,
      transport: drill.transport ?? transport,
      figures: [...drill.figures(), ...commonFigures(facts)],
      violations: [
        ...unrest.map((what) => `never came to rest: ${what}`),
        ...violations(facts),
        ...drill.verdict(facts),
        ...kindsThatAreMissing(facts),
      ],
      seconds: since(began),
    };
  } finally {
    await drill.close?.();
    await stage.close(options.keep);
    if (options.keep) say(`kept ${stage.directory}`);
  }
}

function commonFigures(facts: Facts): string[] {
  const { acknowledged, outcomes, publisher, emitted, deadLetters, orphans, stuckInExit } = facts;
  const signals = new Set(acknowledged.map(({ signalId }) => signalId));
  const answered = new Set(outcomes.filter(({ outcome }) => outcome !== 'pending').map(({ signalId }) => signalId));
  const missing = orphans.filter(({ excused }) => excused).length;
  return [
    `${signals.size} signals acknowledged`,
    `${[...signals].filter((id) => answered.has(id)).length} outcomes`,
    `${publisher.filter(({ state }) => state === 'published').length} listings`,
    `${emitted.length} events`,
    ...(deadLetters.length > 0 ? [`${deadLetters.length} dead letters`] : []),
    ...(stuckInExit.length > 0 ? [`${stuckInExit.length} shut down in order and stuck in Node's exit`] : []),
    missing === 0
      ? 'no span missing'
      : `spans missing of ${instancesMissing(orphans).size} killed processes only (${missing} parents)`,
  ];
}

/** A load that leads to one outcome alone would prove little. */
function kindsThatAreMissing({ outcomes, acknowledged }: Facts): string[] {
  const seen = new Set(outcomes.map(({ outcome }) => outcome));
  const absent = outcomesWanted.filter((wanted) => !seen.has(wanted));
  const duplicates = acknowledged.some(({ result }) => result === 'duplicate');
  return [
    ...absent.map((outcome) => `no signal was ${outcome}: the load does not cover that`),
    ...(duplicates ? [] : ['no signal was a duplicate: the load does not cover that']),
  ];
}

/** The one line that a drill prints. */
export function describe({ drill, transport, figures, violations: wrong, seconds }: DrillResult): string {
  const verdict = wrong.length === 0 ? '0 lost, 0 doubled' : `FAILED, ${wrong.length} violations`;
  return `drill ${drill} (${transport}): ${[...figures, verdict].join(', ')} · ${seconds} s`;
}

const since = (began: number): number => Math.round((performance.now() - began) / 1_000);
