import { kafkaUnavailable } from '@signalpress/testing/kafka';
import { LaunchError } from '../launcher/failure.ts';
import { describe, perform } from './drill.ts';
import type { Drill, Form } from './drill.ts';
import { cutoverDrill } from './drills/cutover.ts';
import { failpointsDrill } from './drills/failpoints.ts';
import { killDrill } from './drills/kill.ts';
import { marketplaceDrill } from './drills/marketplace.ts';
import { outagesDrill } from './drills/outages.ts';
import { poisonDrill } from './drills/poison.ts';
import { rollingDrill } from './drills/rolling.ts';
import type { DrillName, DrillOptions, DrillRun } from './options.ts';
import { removeScratch } from './stage.ts';

const drills: Readonly<Record<DrillName, (form: Form) => Drill>> = {
  kill: killDrill,
  failpoints: failpointsDrill,
  outages: outagesDrill,
  marketplace: marketplaceDrill,
  poison: poisonDrill,
  rolling: rollingDrill,
  cutover: cutoverDrill,
};

/** Runs what was asked for, one after the other, and prints a line for each. @returns the exit code. */
export async function runDrills(options: DrillOptions, signal: AbortSignal): Promise<number> {
  let failed = false;
  try {
    for (const run of possible(options.runs)) {
      const result = await perform(run, drills[run.name]({ ...options, ...run }), { ...options, signal });
      process.stdout.write(`${options.json ? JSON.stringify(result) : describe(result)}\n`);
      for (const violation of result.violations) process.stderr.write(`  VIOLATION ${violation}\n`);
      failed ||= result.violations.length > 0;
    }
  } finally {
    if (!options.keep) removeScratch();
  }
  return failed ? 1 : 0;
}

/**
 * Without a broker what needs one is left out, and said; with `REQUIRE_KAFKA=1` it is refused.
 * @throws LaunchError when nothing is left
 */
function possible(runs: readonly DrillRun[]): readonly DrillRun[] {
  const needsKafka = ({ name, transport }: DrillRun): boolean => transport === 'kafka' || name === 'cutover';
  const reason = runs.some(needsKafka) ? kafkaUnavailable() : undefined;
  if (reason === undefined) return runs;
  const rest = runs.filter((run) => !needsKafka(run));
  if (rest.length === 0) throw new LaunchError(reason);
  process.stderr.write(`left out on Kafka: ${reason}\n`);
  return rest;
}
