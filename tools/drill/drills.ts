import { describe, perform } from './drill.ts';
import type { Drill, Form } from './drill.ts';
import { failpointsDrill } from './drills/failpoints.ts';
import { killDrill } from './drills/kill.ts';
import { marketplaceDrill } from './drills/marketplace.ts';
import { outagesDrill } from './drills/outages.ts';
import { poisonDrill } from './drills/poison.ts';
import { rollingDrill } from './drills/rolling.ts';
import type { DrillName, DrillOptions } from './options.ts';
import { removeScratch } from './stage.ts';

const drills: Readonly<Record<DrillName, (form: Form) => Drill>> = {
  kill: killDrill,
  failpoints: failpointsDrill,
  outages: outagesDrill,
  marketplace: marketplaceDrill,
  poison: poisonDrill,
  rolling: rollingDrill,
};

/** Runs what was asked for, one after the other, and prints a line for each. @returns the exit code. */
export async function runDrills(options: DrillOptions, signal: AbortSignal): Promise<number> {
  let failed = false;
  try {
    for (const transport of options.transports) {
      for (const name of options.names) {
        const result = await perform(name, drills[name]({ ...options, transport }), { ...options, transport, signal });
        process.stdout.write(`${options.json ? JSON.stringify(result) : describe(result)}\n`);
        for (const violation of result.violations) process.stderr.write(`  VIOLATION ${violation}\n`);
        failed ||= result.violations.length > 0;
      }
    }
  } finally {
    if (!options.keep) removeScratch();
  }
  return failed ? 1 : 0;
}
