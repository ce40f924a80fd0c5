import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { services } from '@signalpress/contracts';
import { commandOf, descendantsOf, memoryOf } from './processes.ts';

/**
 * `npm run bench:start [-- --rounds 3] [--json]`: how long our eight services take from `npm start` to the first listing,
 * and what they weigh, beside eight bare Nest services in the same run. Only the ratios mean something on another machine.
 */
const root = path.resolve(import.meta.dirname, '..');
const portOffset = 21_000;
const barePort = 19_000;
const deadlineMs = 180_000;

interface Sample {
  /** Seconds from start to ready (bare) or to the first listing (ours). */
  readonly seconds: number;
  /** Bytes, all service processes together. */
  readonly memory: number;
}

async function measureBare(): Promise<Sample> {
  const began = performance.now();
  const children = Array.from({ length: 8 }, (_, index) =>
    spawn(process.execPath, [path.join(root, 'bench/bare-service.mjs')], {
      env: { ...process.env, PORT: String(barePort + index) },
      stdio: 'ignore',
    }),
  );
  try {
    await Promise.all(
      children.map((_, index) => until(() => answers(`http://127.0.0.1:${barePort + index}/health/ready`))),
    );
    const seconds = since(began);
    await sleep(1_000);
    return { seconds, memory: total(children.map((child) => child.pid ?? 0)) };
  } finally {
    await stopAll(children, 'SIGTERM');
  }
}

/** @param round makes the feed's items new to this data directory. */
async function measureOurs(dataDirectory: string, round: string): Promise<Sample> {
  const feed = path.join(dataDirectory, `${round}.json`);
  writeFileSync(feed, JSON.stringify(feedOf(round)));
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['tools/start/main.ts', '--data-dir', dataDirectory, '--port-offset', String(portOffset), '--feed', feed],
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], env: process.env },
  );
  try {
    await Promise.race([until(() => hasNewListing(round)), endedEarly(child)]);
    const seconds = since(began);
    // The largest part of the memory is what the services keep when they are done.
    await sleep(1_000);
    const ours = descendantsOf(child.pid ?? 0).filter((pid) => commandOf(pid).includes('dist/main.js'));
    return { seconds, memory: total(ours) };
  } finally {
    await stopAll([child], 'SIGINT');
  }
}

/** One for each round, so different that no round repeats another's idea. */
const phrases = [
  'Moonlit kayak picnics fill every quiet lake',
  'Sourdough bakers name their starters after planets',
  'Retired postmen paint bicycles like tropical parrots',
  'Knitted scarves for garden gnomes win village prize',
  'Teenagers build orchestra from broken umbrellas',
  'Beekeepers hold midnight choir for drowsy hives',
];

function feedOf(round: string): unknown {
  const index = round === 'cold' ? 0 : Number(round.replace('warm-', ''));
  const words = phrases[index];
  return {
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Start benchmark',
    items: [
      {
        id: `bench-${round}`,
        title: words,
        content_text: `Simulated item of the start benchmark: ${words ?? ''}.`,
        date_published: new Date(Date.now() - 600_000).toISOString(),
      },
    ],
  };
}

/** The count of listings grows over the rounds of one data directory. */
async function hasNewListing(round: string): Promise<boolean> {
  const url = `http://127.0.0.1:${services.monitoring.localPort + portOffset}/progress`;
  const expected = round === 'cold' ? 1 : Number(round.replace('warm-', '')) + 1;
  const progress = await progressAt(url);
  if ((progress?.held ?? 0) + (progress?.rejected ?? 0) + (progress?.failed ?? 0) > 0) {
    throw new Error(`the item was not listed: ${JSON.stringify(progress)}`);
  }
  return (progress?.listings ?? 0) >= expected;
}

type Counts = Partial<Record<'listings' | 'held' | 'rejected' | 'failed', number>>;

async function progressAt(url: string): Promise<Counts | undefined> {
  try {
    return (await (await fetch(url)).json()) as Counts;
  } catch {
    return undefined;
  }
}

/** @throws Error with what the run said, as soon as it ends by itself. */
async function endedEarly(child: ChildProcess): Promise<never> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  throw new Error(`npm start ended:\n${said}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > deadlineMs) throw new Error(`nothing after ${deadlineMs / 1_000} s`);
    await sleep(20);
  }
}

async function stopAll(children: readonly ChildProcess[], signal: NodeJS.Signals): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }),
  );
}

const since = (began: number): number => (performance.now() - began) / 1_000;
const total = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + memoryOf(pid), 0);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1 && rounds < phrases.length)) throw new Error(`--rounds takes 1 to ${phrases.length - 1}`);
const dataDirectory = mkdtempSync(path.join(tmpdir(), 'signalpress-bench-'));
// The database's user has to enter: PostgreSQL refuses to run as root.
chmodSync(dataDirectory, 0o755);
const bare: Sample[] = [];
const warm: Sample[] = [];
try {
  bare.push(await measureBare());
  const cold = await measureOurs(dataDirectory, 'cold');
  for (let round = 1; round <= rounds; round += 1) {
    bare.push(await measureBare());
    warm.push(await measureOurs(dataDirectory, `warm-${round}`));
  }
  const bareSeconds = median(bare.map((one) => one.seconds));
  const bareMemory = median(bare.map((one) => one.memory));
  const result = {
    rounds,
    bareSeconds,
    bareMegabytes: bareMemory / 1e6,
    coldStartRatio: cold.seconds / bareSeconds,
    warmStartRatio: median(warm.map((one) => one.seconds)) / bareSeconds,
    memoryRatio: median(warm.map((one) => one.memory)) / bareMemory,
  };
  const text = [
    `eight bare Nest services: ready after ${bareSeconds.toFixed(1)} s, ${(bareMemory / 1e6).toFixed(0)} MB`,
    `first listing on an empty database: ${result.coldStartRatio.toFixed(2)} × that time`,
    `first listing on the second start:  ${result.warmStartRatio.toFixed(2)} × (median of ${rounds})`,
    `memory of the eight services:       ${result.memoryRatio.toFixed(2)} ×`,
  ];
  console.log(values.json ? JSON.stringify(result) : text.join('\n'));
} finally {
  rmSync(dataDirectory, { recursive: true, force: true });
}
