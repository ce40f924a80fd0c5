import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { leaseDatabase } from '../../launcher/database.ts';
import type { LeasedDatabase } from '../../launcher/database.ts';
import type { Drill, Form } from '../drill.ts';
import { HealthWatch } from '../health-watch.ts';
import { quickLeases } from '../leases.ts';
import type { Stage } from '../stage.ts';
import { eventServices } from '../subscriptions.ts';

const stopWithinMs = 60_000;
/** More than the server allows; it says no before. */
const mostConnections = 400;
const takenAtOnce = 8;
const takenWithinMs = 60_000;

/** Database and broker go away for a while. Nothing is dead-lettered, readiness tells, and everything drains afterwards. */
export function outagesDrill({ short, transport }: Form): Drill {
  const heldMs = short ? 6_000 : 60_000;
  const brokerMs = short ? 10_000 : 120_000;
  const figures: string[] = [];
  const wrong: string[] = [];
  let again: LeasedDatabase | undefined;
  const during = async (stage: Stage, what: string, ms: number, expected: 'unready' | 'up'): Promise<void> => {
    const watch = new HealthWatch(eventServices.map((service) => ({ service, url: stage.url(service) })));
    await stage.pause(ms);
    const { unready, dead, never } = watch.close();
    figures.push(`${what} ${Math.round(ms / 1_000)} s (${unready.length} of ${eventServices.length} not ready)`);
    if (dead.length > 0) wrong.push(`during ${what} not live: ${dead.join(', ')}`);
    if (expected === 'unready' && never.length > 0) wrong.push(`during ${what} still ready: ${never.join(', ')}`);
    if (expected === 'up' && unready.length > 0) wrong.push(`during ${what} not ready: ${unready.join(', ')}`);
  };
  return {
    settings: {
      environment: short ? quickLeases : {},
      // One of three is to be missed by nobody.
      brokers: transport === 'kafka' && !short ? 3 : 1,
      // What gathers during the outages has to be done afterwards, and a listing is dear.
      loadEveryMs: 1_400,
    },
    async run(stage) {
      const calm = short ? 3_000 : 15_000;
      await stage.pause(calm);
      if (stage.broker !== undefined) {
        const { broker } = stage;
        if (broker.kafka.brokers.length > 1) {
          await broker.kafka.stopBroker(0, 'SIGKILL');
          await during(stage, 'one broker of three away', heldMs, 'up');
          await broker.kafka.startBroker(0);
          await stage.pause(calm);
        }
        await broker.down();
        // The services go on with what needs no broker; the outboxes grow.
        await during(stage, 'broker away', brokerMs, 'up');
        await broker.up();
        await stage.pause(calm);
      }
      await stopDatabase(stage);
      await during(stage, 'database away', heldMs, 'unready');
      // It starts the server, on the port that it had.
      again = await leaseDatabase(stage.directory, 'drill, after the restart');
      await stage.until('all ready after the database came back', stopWithinMs, () => allReady(stage));
      await stage.pause(calm);
      const held = await takeAllConnections(stage);
      await during(stage, `${held.length} connections held`, heldMs, 'unready');
      await Promise.all(held.map((client) => client.end().catch(() => undefined)));
      await stage.until('all ready after the connections were given back', stopWithinMs, () => allReady(stage));
      await stage.pause(calm);
    },
    figures: () => figures,
    verdict: () => wrong,
    close: async () => {
      await again?.release();
    },
  };
}

/** Ends the server as `pg_ctl stop -m fast` does: open transactions are rolled back, clients are cut off. */
async function stopDatabase(stage: Stage): Promise<void> {
  const file = path.join(stage.databaseDirectory, 'postmaster.pid');
  process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGINT');
  await stage.until('end of the database', stopWithinMs, () => !existsSync(file));
}

async function allReady(stage: Stage): Promise<boolean> {
  const answers = await Promise.all(
    eventServices.map((service) =>
      fetch(`${stage.url(service)}/health/ready`, { signal: AbortSignal.timeout(5_000) }).then(
        (response) => response.ok,
        () => false,
      ),
    ),
  );
  return answers.every(Boolean);
}

/**
 * Every connection that the server has, those of the services too: they are cut off, and find no free one. On a busy machine they
 * are back before we are, so it is done again until they have none.
 */
async function takeAllConnections(stage: Stage): Promise<pg.Client[]> {
  const held: pg.Client[] = [];
  const take = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: stage.databaseUrl, application_name: 'drill holds' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      held.push(client);
      return true;
    } catch {
      return false;
    }
  };
  const fill = async (): Promise<void> => {
    let free = true;
    while (free && held.length < mostConnections) {
      free = (await Promise.all(Array.from({ length: takenAtOnce }, take))).some(Boolean);
    }
  };
  await fill();
  await stage.until('all connections taken', takenWithinMs, async () => {
    const cut = await held[0]?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where backend_type = 'client backend' and application_name not like 'drill%'`,
    );
    await fill();
    return cut?.rowCount === 0;
  });
  return held;
}
