import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { servicePort } from '../../launcher/environment.ts';
import { Broker } from '../broker.ts';
import { CutoverCommand } from '../cutover-command.ts';
import type { Drill, Form } from '../drill.ts';
import { quickLeases } from '../leases.ts';
import type { Stage } from '../stage.ts';
import { eventServices } from '../subscriptions.ts';

/** What handles events: those that the log has to be drained by. */
const consumers = eventServices.filter((service) => service !== 'signal-ingestion');
const settledWithinMs = 60_000;
/** A place beside the services' own ports, for what is refused and for the new one beside the old. */
const besideOffset = 1_000;

/** What was carried by which transport, and how the handling followed it. */
interface Carriage {
  readonly inLog: number;
  readonly inTopics: number;
  readonly wrong: readonly string[];
}

/**
 * A live installation moves from the log in PostgreSQL to Kafka while signals come in, by the command that an operator types:
 * first it is refused, given up and killed in the middle, then it is done, and the services are restarted one after the other.
 */
export function cutoverDrill({ short, portOffset }: Form): Drill {
  const calmMs = short ? 5_000 : 60_000;
  const moved = new Set<string>();
  const wrong: string[] = [];
  const figures: string[] = [];
  let broker: Broker | undefined;
  let carriage: Carriage | undefined;
  const expect = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };
  const kafka = (): Record<string, string> => broker?.environment ?? {};
  const besidePort = (service: ServiceName): number => servicePort(service, portOffset) + besideOffset;
  const move = async (stage: Stage, service: ServiceName, slot = 0): Promise<void> => {
    await stage.fleet.stop(service, slot);
    moved.add(`${service} ${slot}`);
    stage.fleet.start(service, slot);
    await stage.fleet.ready(stage.settings.signal, service, slot);
  };
  return {
    transport: 'postgres to kafka',
    settings: {
      environment: quickLeases,
      perProcess: (service, slot) => (moved.has(`${service} ${slot}`) ? kafka() : {}),
      port: (service, slot) => (slot === 0 ? servicePort(service, portOffset) : besidePort(service)),
    },
    async start() {
      broker = await Broker.start(1);
    },
    async run(stage) {
      await stage.pause(calmMs);
      await refusals(stage, { kafka: kafka(), besidePort, expect });
      await abandoned(stage, { kafka: kafka(), calmMs, expect });
      figures.push(await switched(stage, kafka(), expect));
      await stage.pause(calmMs / 2);
      const late = await stage.fleet.refused('monitoring', {}, besidePort('monitoring'));
      expect(late.includes('this installation has moved to Kafka'), `a start on postgres after the switch: ${late}`);
      await restartAll(stage, { calmMs, moved, move, expect });
      await stage.pause(calmMs);
    },
    async rested(stage) {
      if (broker !== undefined) carriage = await carriageOf(stage, broker);
    },
    figures: () => [
      ...figures,
      `${carriage?.inLog ?? 0} events through the log`,
      `${carriage?.inTopics ?? 0} through topics`,
    ],
    verdict: () => [
      ...wrong,
      ...(carriage?.wrong ?? ['what was carried where is not known']),
      ...(carriage?.inTopics === 0 ? ['no event went through the broker'] : []),
    ],
    close: async () => broker?.stop(),
  };
}

interface Means {
  readonly kafka: Record<string, string>;
  readonly expect: (holds: boolean, what: string) => void;
}

/** What is not possible yet is said, and changes nothing. */
async function refusals(
  stage: Stage,
  { kafka, besidePort, expect }: Means & { readonly besidePort: (service: ServiceName) => number },
): Promise<void> {
  const early = await stage.fleet.refused('monitoring', kafka, besidePort('monitoring'));
  expect(early.includes('this installation is on postgres'), `a start on Kafka before the switch: ${early}`);
  const away = command(stage, [], { ...kafka, KAFKA_BROKERS: '127.0.0.1:1' });
  expect((await away.end()) === 1, `the command without a broker: ${away.lines.join(' / ')}`);
  expect(await isOn(stage, 'postgres', false), 'the command without a broker has changed the installation');
}

/** While a service is away, which cannot drain: given up when its time is over, then killed in the middle and ended by hand. */
async function abandoned(stage: Stage, { kafka, calmMs, expect }: Means & { readonly calmMs: number }): Promise<void> {
  const away = stage.random.pick(consumers);
  await stage.fleet.stop(away);
  const late = command(stage, ['--drain-seconds', '3'], kafka);
  expect((await late.end()) === 1, `the command with ${away} away: ${late.lines.join(' / ')}`);
  expect(
    late.lines.some((line) => line.includes(`${away} has`)),
    `it does not name ${away}: ${late.lines.join(' / ')}`,
  );
  expect(await isOn(stage, 'postgres', false), 'the command that gave up has left the relays held');
  await appends(stage, 'after the command gave up');

  const killed = command(stage, [], kafka);
  expect(await killed.said('draining'), `it never drained: ${killed.lines.join(' / ')}`);
  killed.kill();
  await killed.end();
  expect(await isOn(stage, 'postgres', true), 'the command that was killed has not left the relays held');
  const before = await heads(stage);
  await stage.pause(calmMs);
  expect((await heads(stage)) === before, 'something was appended to the log while the relays were held');
  expect((await waiting(stage)) > 0, 'no event waits in an outbox while the relays are held');
  const abort = command(stage, ['--abort'], {});
  expect((await abort.end()) === 0, `--abort: ${abort.lines.join(' / ')}`);
  expect(await isOn(stage, 'postgres', false), '--abort has left the relays held');
  stage.fleet.start(away);
  await stage.fleet.ready(stage.settings.signal, away);
  await appends(stage, 'after --abort');
}

/** The cut-over itself. @returns how long nothing moved */
async function switched(stage: Stage, kafka: Record<string, string>, expect: Means['expect']): Promise<string> {
  const real = command(stage, [], kafka);
  await real.said('relays are held');
  const heldAt = performance.now();
  const code = await real.end();
  const seconds = ((performance.now() - heldAt) / 1_000).toFixed(1);
  expect(code === 0, `the command: ${real.lines.join(' / ')}`);
  expect(await isOn(stage, 'kafka', false), 'the installation is not on Kafka');
  const [log] = await stage.ledger.query<{ events: string }>(undrained);
  expect(log?.events === '0', `${log?.events ?? '?'} events of the log were not handled before the switch`);
  return `switched ${seconds} s after the relays were held`;
}

/**
 * In any order. One stands beside its successor for a while, as a rolling update has it, and one is forgotten: it goes on with
 * what needs no event, and says so.
 */
async function restartAll(
  stage: Stage,
  {
    calmMs,
    moved,
    move,
    expect,
  }: {
    readonly calmMs: number;
    readonly moved: Set<string>;
    readonly move: (stage: Stage, service: ServiceName) => Promise<void>;
    readonly expect: Means['expect'];
  },
): Promise<void> {
  const order = [...serviceNames].sort(() => stage.random.next() - 0.5);
  const forgotten = stage.random.pick(consumers.filter((service) => service !== 'orchestrator'));
  for (const service of order.filter((name) => name !== forgotten)) {
    if (service === 'orchestrator') {
      moved.add(`${service} 1`);
      stage.fleet.start(service, 1);
      await stage.fleet.ready(stage.settings.signal, service, 1);
      await stage.pause(calmMs / 2);
    }
    await move(stage, service);
  }
  await stage.fleet.stop('orchestrator', 1);
  await stage.pause(calmMs);
  const health = await fetch(`${stage.url(forgotten)}/health/ready`, { signal: AbortSignal.timeout(10_000) });
  const said = await health.text();
  expect(
    health.ok && said.includes('has moved to kafka'),
    `${forgotten}, forgotten on postgres: ${health.status} ${said}`,
  );
  await move(stage, forgotten);
}

/** Each emitted event was carried by exactly one of the two, and no group went to Kafka before it had been through the log. */
async function carriageOf(stage: Stage, broker: Broker): Promise<Carriage> {
  const emitted = new Set((await stage.ledger.emitted()).map(({ id }) => id));
  const inLog = new Set(
    (await stage.ledger.query<{ id: string }>(`select envelope->>'id' as id from events.log`)).map(({ id }) => id),
  );
  const carried = await broker.carried();
  const inTopics = new Set(carried);
  const known = new Set((await stage.ledger.emitted()).map(({ id }) => id));
  const early = await stage.ledger.query<{ group: string; events: number }>(leftForLater);
  const counts: ReadonlyArray<readonly [number, string]> = [
    [
      [...emitted].filter((id) => !inLog.has(id) && !inTopics.has(id)).length,
      'events were carried by neither transport',
    ],
    [[...inTopics].filter((id) => inLog.has(id)).length, 'events were carried by both transports'],
    [[...inTopics].filter((id) => !known.has(id)).length, 'records are of no event that was emitted'],
    [carried.length - inTopics.size, 'records are in the topics twice, although nothing was killed'],
  ];
  return {
    inLog: inLog.size,
    inTopics: inTopics.size,
    wrong: [
      ...counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
      ...early.map(({ group, events }) => `${group} handled ${events} events of the log after one of Kafka`),
    ],
  };
}

const undrained = `select coalesce(sum(p.head - o.position), 0)::text as events
  from events.offsets o join events.partitions p using (partition)`;

const leftForLater = `with last as (
    select h.service, h.event_id, max(h.n) as at, bool_or(l.id is not null) as in_log
    from drill.handled h left join (select (envelope->>'id')::uuid as id from events.log) l on l.id = h.event_id
    group by h.service, h.event_id
  ), first as (select service, min(at) as at from last where not in_log group by service)
  select service as "group", count(*)::int as events from last join first using (service)
  where in_log and last.at > first.at group by service`;

function command(stage: Stage, args: readonly string[], environment: Record<string, string>): CutoverCommand {
  return new CutoverCommand(args, { ...environment, DATABASE_URL: stage.databaseUrl }, stage.settings.signal);
}

async function isOn(stage: Stage, kind: string, held: boolean): Promise<boolean> {
  const [row] = await stage.ledger.query<{ kind: string; held: boolean }>('select kind, held from events.transport');
  return row?.kind === kind && row.held === held;
}

async function heads(stage: Stage): Promise<number> {
  const [row] = await stage.ledger.query<{ head: string }>('select sum(head) as head from events.partitions');
  return Number(row?.head);
}

/** Events that wait in an outbox. */
async function waiting(stage: Stage): Promise<number> {
  return (await stage.ledger.unrest()).filter((what) => what.includes('in the outbox')).length;
}

/** Waits until events are appended to the log again. */
async function appends(stage: Stage, when: string): Promise<void> {
  const before = await heads(stage);
  await stage.until(`news in the log ${when}`, settledWithinMs, async () => (await heads(stage)) > before);
}
