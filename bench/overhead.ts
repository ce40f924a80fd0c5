import path from 'node:path';
import { parseArgs } from 'node:util';
import { check } from './overhead/check.ts';
import { buildLibrary } from './overhead/library.ts';
import type { Setting } from './overhead/measure.ts';
import { preparePeers } from './overhead/peers.ts';
import { pinLoad } from './overhead/pinning.ts';
import { profile } from './overhead/profile.ts';
import { goalLines, notesOf, tableOf } from './overhead/report.ts';
import { goalsOf, rowOf } from './overhead/result.ts';
import { measureRounds } from './overhead/rounds.ts';
import { startSink } from './overhead/sink.ts';
import { variants } from './overhead/variants.ts';
import type { Variant } from './overhead/variants.ts';

/**
 * `npm run bench:overhead [-- --only bare,off,all] [--rounds 5] [--seconds 3] [--json] [--profile all] [--no-build]
 * [--require-peers]`: what telemetry costs a service, beside the same service without any and beside other ways. See bench/README.md.
 * Ends with 1 when a goal is missed.
 */
const { values } = parseArgs({
  allowNegative: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
    build: { type: 'boolean', default: true },
    'require-peers': { type: 'boolean', default: false },
  },
});

/** Progress goes to standard error: standard output has the result alone. */
const say = (line: string): void => console.error(line);

function chosen(names: string | undefined): Variant[] {
  if (names === undefined) return [...variants];
  const wanted = new Set(['bare', ...names.split(',')]);
  for (const name of wanted) {
    if (!variants.some((variant) => variant.name === name)) {
      throw new Error(`there is no variant ${name}; there are ${variants.map((variant) => variant.name).join(', ')}`);
    }
  }
  return variants.filter((variant) => wanted.has(variant.name));
}

/** Without those that need packages which cannot be had; that is said, and with `--require-peers` it is a failure. */
function runnable(list: readonly Variant[]): readonly Variant[] {
  if (!list.some((variant) => variant.peer)) return list;
  const problem = preparePeers(say);
  if (problem === undefined) return list;
  if (values['require-peers']) throw new Error(problem);
  say(`${problem} They are left out.`);
  return list.filter((variant) => !variant.peer);
}

async function run(setting: Setting): Promise<boolean> {
  const list = runnable(chosen(values.only));
  for (const variant of list) {
    await check(variant, setting);
    say(`checked ${variant.name}`);
  }
  const samples = await measureRounds(list, Number(values.rounds), setting, say);
  const rows = list.map((variant) => rowOf(variant, samples.get(variant.name) ?? []));
  const goals = goalsOf(rows);
  const text = [tableOf(rows), notesOf(rows, setting.pinning !== undefined), goalLines(goals)].join('\n\n');
  console.log(values.json ? JSON.stringify({ node: process.version, rows, goals }) : text);
  return goals.every((goal) => goal.met);
}

const library = buildLibrary(values.build);
const sink = await startSink();
try {
  const setting: Setting = {
    sink,
    addresses: { url: sink.url, dsn: sink.dsn, library: library.entry },
    pinning: pinLoad(),
    seconds: Number(values.seconds),
  };
  if (values.profile === undefined) {
    if (!(await run(setting))) process.exitCode = 1;
  } else {
    const file = path.resolve(`${values.profile}.cpuprofile`);
    for (const variant of runnable(chosen(values.profile)).filter((one) => one.name === values.profile)) {
      console.log(await profile(variant, setting, file));
    }
  }
} finally {
  await sink.close();
  library.remove();
}
