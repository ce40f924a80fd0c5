import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { workOff } from './events/backlog.ts';
import type { Backlog } from './events/backlog.ts';
import { startGround } from './events/ground.ts';
import { backlogTableOf, goalLines, tableOf } from './events/report.ts';
import { goalsOf, rowsOf } from './events/result.ts';
import { casesOf, measureRounds } from './events/rounds.ts';
import { variants } from './events/variants.ts';
import type { Variant } from './events/variants.ts';

/**
 * `npm run bench:events [-- --rounds 3] [--events 10000] [--backlog 100000] [--only kafka,hand-written] [--json]`: how many events
 * go through outbox, transport and inbox in a second, and what each costs, beside kafkajs by hand and `@nestjs/microservices`.
 * See bench/README.md. Ends with 1 when a goal is missed.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '10000' },
    backlog: { type: 'string', default: '0' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** Progress goes to standard error: standard output has the result alone. */
const say = (line: string): void => console.error(line);

/** Three seconds, slow enough that nothing piles up. */
const paced = { paced: 300, pacedPerSecond: 100 };
const BACKLOG_PARTITIONS = 4;

function chosen(names: string | undefined): readonly Variant[] {
  if (names === undefined) return variants;
  const wanted = names.split(',');
  const unknown = wanted.find((name) => !variants.some((variant) => variant.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no variant ${unknown}; there are ${variants.map(({ name }) => name).join(', ')}`);
  return variants.filter(({ name }) => wanted.includes(name));
}

async function backlogsOf(list: readonly Variant[], events: number): Promise<Backlog[]> {
  const backlogs: Backlog[] = [];
  if (events === 0) return backlogs;
  for (const variant of list) {
    const partitions = variant.partitions.includes(BACKLOG_PARTITIONS) ? BACKLOG_PARTITIONS : 8;
    const backlog = await workOff(variant, partitions, events, ground);
    backlogs.push(backlog);
    say(`backlog of ${variant.name} is worked off, µs per event by tenth:`);
    for (const half of ['relay', 'consumer'] as const)
      say(`  ${half.padEnd(8)} ${backlog[half].microseconds.map((each) => each.toFixed(0)).join(' ')}`);
  }
  return backlogs;
}

const list = chosen(values.only);
const ground = await startGround();
try {
  const sizes = { events: Number(values.events), ...paced };
  const samples = await measureRounds(casesOf(list), { rounds: Number(values.rounds), sizes, ground, say });
  const backlogs = await backlogsOf(list, Number(values.backlog));
  const rows = rowsOf(samples);
  const goals = goalsOf(rows, backlogs);
  if (values.json) {
    console.log(JSON.stringify({ node: process.version, cores: cpus().length, rows, backlogs, goals }));
  } else {
    const parts = [tableOf(rows), ...(backlogs.length > 0 ? [backlogTableOf(backlogs)] : []), goalLines(goals)];
    console.log(parts.join('\n\n'));
  }
  if (goals.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  await ground.close();
}
