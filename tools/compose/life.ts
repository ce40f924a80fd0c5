import { isDeepStrictEqual } from 'node:util';
import { serviceNames } from '@signalpress/contracts';
import { waitFor } from '@signalpress/testing';
import type { Engine } from '../images/engine.ts';
import { imageOf } from '../images/services.ts';
import type { ComposeFile, ComposeService } from './compose-file.ts';
import type { Door } from './door.ts';
import { commandsOf } from './guide.ts';
import type { MadeSignals } from './made-signals.ts';
import { check } from './report.ts';
import type { Bounds, Listed, Stack } from './stack.ts';

const isOurs = ({ Service }: Listed): boolean => (serviceNames as readonly string[]).includes(Service);

/** What the file says of rights and bounds is what the engine holds each container to. */
export async function runsWithinItsBounds(stack: Stack, { services }: ComposeFile): Promise<void> {
  for (const { Service, ID } of await stack.list()) {
    const held = heldTo(await stack.boundsOf(ID));
    const written = asWritten(services[Service] ?? {});
    if (!isDeepStrictEqual(held, written)) {
      check(false, `${Service} runs as written: ${JSON.stringify(held)} for ${JSON.stringify(written)}`);
    }
  }
  check(true, 'each is held to its memory, CPUs and processes, has no capability, and is restarted, as written');
}

const heldTo = (bounds: Bounds): object => ({
  readOnly: bounds.ReadonlyRootfs,
  dropped: bounds.CapDrop,
  options: bounds.SecurityOpt,
  memory: bounds.Memory,
  cpus: bounds.NanoCpus / 1e9,
  processes: bounds.PidsLimit,
  restart: bounds.RestartPolicy.Name,
});

const asWritten = (service: ComposeService): object => ({
  readOnly: service.read_only,
  dropped: service.cap_drop,
  options: service.security_opt,
  memory: bytes(service.mem_limit ?? ''),
  cpus: service.cpus,
  processes: service.pids_limit,
  restart: service.restart,
});

function bytes(limit: string): number {
  const units: Readonly<Record<string, number>> = { m: 2 ** 20, g: 2 ** 30 };
  return Number.parseInt(limit, 10) * (units[limit.at(-1) ?? ''] ?? Number.NaN);
}

/** As when it dies of an error, or of its limit of memory. */
export async function whatEndsIsStartedAgain(stack: Stack): Promise<void> {
  const [victim] = await stack.pids('orchestrator');
  process.kill(victim, 'SIGKILL');
  const back = async (): Promise<boolean> => {
    const container = (await stack.list()).find(({ Service }) => Service === 'orchestrator');
    return container?.Health === 'healthy' && (await stack.pids('orchestrator'))[0] !== victim;
  };
  await waitFor(back, { timeoutMs: 120_000, intervalMs: 1_000, message: 'the killed service' });
  check(true, 'a service that is killed is started again, and healthy');
}

interface Upgrade {
  readonly engine: Engine;
  readonly door: Door;
  readonly stack: Stack;
  readonly made: MadeSignals;
  readonly version: string;
  /** Writes it into `.env`. */
  readonly setVersion: (version: string) => void;
}

/** An upgrade in the words of the guide while signals are on their way; the other release is the same one under another tag. */
export async function isReplacedAtWork({ engine, door, stack, made, version, setVersion }: Upgrade): Promise<void> {
  const next = `${version}-next`;
  for (const service of serviceNames) await engine.docker(['tag', imageOf(service, version), imageOf(service, next)]);
  const before = await stack.list();
  const taken = await door.ingest({ source: 'feed:upgrade', document: made.document(20) });
  setVersion(next);
  for (const commands of commandsOf('Upgrade')) await stack.shell(commands);
  await stack.up();
  const stayed = (await stack.list()).filter(({ ID }) => before.some((container) => container.ID === ID));
  check(
    !stayed.some(isOurs) && stayed.length === before.length - serviceNames.length,
    "the guide's upgrade: the seven migrate, and the eight services alone are replaced",
  );
  const outcomes = await door.settled([taken]);
  check(true, `what was on its way is finished: ${JSON.stringify(outcomes)}`);
}

/** @throws LaunchError when one of the eight does not end by itself when it is told to */
export async function everybodyStopsInOrder(stack: Stack): Promise<void> {
  await stack.compose('stop');
  const codes = (await stack.list()).filter(isOurs).map(({ Service, ExitCode }) => `${Service} ${ExitCode}`);
  const isInOrder = codes.length === serviceNames.length && codes.every((code) => code.endsWith(' 0'));
  check(isInOrder, `docker compose stop: all eight end in order (${codes.join(', ')})`);
}
