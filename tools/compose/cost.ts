import { readFileSync, readdirSync } from 'node:fs';
import { serviceNames } from '@signalpress/contracts';
import type { Kind } from '../drill/items.ts';
import type { Door } from './door.ts';
import type { MadeSignals } from './made-signals.ts';
import { check, say } from './report.ts';
import type { Stack } from './stack.ts';

/** Of each kind. */
const measured = 100;

/** What one container has used. Bytes; `rss` is left out where processes share most of it. */
interface Usage {
  readonly cpuSeconds: number;
  readonly rss: number | undefined;
  /** Resident memory, with pages that others use too divided among them. */
  readonly pss: number;
}

type Usages = Readonly<Record<string, Usage>>;

/** The stores whose programs are the real ones, if not in the images of docker-compose.yml. */
const stores = ['timescaledb', 'kafka'];

/** What the eight services and their stores have used, health checks left out. */
async function usageOf(stack: Stack): Promise<Usages> {
  const usages: Record<string, Usage> = {};
  for (const name of serviceNames) {
    const [pid] = await stack.pids(name);
    usages[name] = { cpuSeconds: cpuOfThreads(pid), ...memoryOf(pid) };
  }
  for (const name of stores) usages[name] = usageOfAll(await stack.pids(name));
  return usages;
}

/** Seconds by the kernel's scheduler, of the threads that live. */
function cpuOfThreads(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
  return nanoseconds / 1e9;
}

function memoryOf(pid: number): { rss: number; pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]);
  return { rss: kilobytes('Rss') * 1_024, pss: kilobytes('Pss') * 1_024 };
}

/** Of a container whose processes and threads come and go: those that ended are in the account of the first. */
function usageOfAll(pids: readonly number[]): Usage {
  let cpuSeconds = 0;
  let pss = 0;
  for (const [index, pid] of pids.entries()) {
    try {
      // What follows the name in brackets: utime, stime and those of ended children are fields 14 to 17 of all.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const ticks = fields.slice(11, index === 0 ? 15 : 13).map(Number);
      cpuSeconds += ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
      pss += memoryOf(pid).pss;
    } catch (error) {
      // It ended between two looks.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return { cpuSeconds, rss: undefined, pss };
}

/** What Linux tells user space, whatever its clock does. */
const ticksPerSecond = 100;

/** Measures what a signal costs that becomes a listing, and one that is rejected, and prints a Markdown table of it. */
export async function signalsCost(door: Door, stack: Stack, made: MadeSignals): Promise<void> {
  const idle = await usageOf(stack);
  const rejected = await usedFor(door, stack, made.document(measured, 'rejected'), 'rejected');
  const listed = await usedFor(door, stack, made.document(measured), 'listed');
  const perSignal = (name: string, { before, after }: Measurement): number =>
    (((after[name]?.cpuSeconds ?? 0) - (before[name]?.cpuSeconds ?? 0)) / measured) * 1_000;
  const rows = Object.entries(listed.after).map(([name, { rss, pss }]) => [
    name,
    perSignal(name, listed).toFixed(1),
    perSignal(name, rejected).toFixed(1),
    ...[idle[name]?.pss, pss, rss].map(megabytes),
  ]);
  const head = ['', 'CPU ms, listed', 'CPU ms, rejected', 'PSS before, MB', 'PSS after, MB', 'RSS after, MB'];
  for (const row of [head, ['---', ...head.slice(1).map(() => '---:')], ...rows]) say(`| ${row.join(' | ')} |`);
}

interface Measurement {
  readonly before: Usages;
  readonly after: Usages;
}

async function usedFor(door: Door, stack: Stack, document: string, kind: Kind): Promise<Measurement> {
  const before = await usageOf(stack);
  const began = performance.now();
  const outcomes = await door.settled([await door.ingest({ source: `feed:${kind}`, document })]);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  const after = await usageOf(stack);
  check((outcomes[kind] ?? 0) >= measured * 0.9, `${JSON.stringify(outcomes)} of ${measured} in ${seconds} s`);
  return { before, after };
}

const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '–' : (bytes / 1e6).toFixed(0));
