import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseEnv } from 'node:util';
import { serviceNames } from '@signalpress/contracts';
import { startKafka } from '@signalpress/testing/kafka';
import { execa } from 'execa';
import { Items } from '../drill/items.ts';
import { Random } from '../drill/random.ts';
import { buildImage } from '../images/build.ts';
import type { Engine } from '../images/engine.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { composeText, filled, parseCompose } from './compose-file.ts';
import { Containers } from './containers.ts';
import { costTable, usageOf } from './cost.ts';
import { Door } from './door.ts';
import { environmentFile } from './environment-file.ts';
import { StandInDatabase } from './postgres.ts';
import { StandInPrometheus } from './prometheus.ts';
import { check, say } from './report.ts';
import { strangersSeeTheShopAlone, takeIn, theSampleGoesThrough } from './sample.ts';

const portOffset = 14_000;
/** Signals of the measurement; each becomes a listing, the dearest end that one can have. */
const measured = 100;

/**
 * docker-compose.yml on this machine: our own images as it describes them, with stand-ins for the images of others. The sample goes in
 * at the gateway and comes out as listings; then what signals cost; then a loss of the database and the files, and a restore.
 */
export async function smoke(engine: Engine): Promise<void> {
  const { content, adminKey } = environmentFile();
  const env: Record<string, string> = {
    ...(parseEnv(content) as Record<string, string>),
    DAILY_LISTING_BUDGET: '1000',
  };
  const compose = filled(parseCompose(composeText()), env);
  const { stdout: tag } = await execa('git', ['rev-parse', '--short', 'HEAD'], { cwd: workspaceRoot });
  for (const service of serviceNames) await buildImage(engine, service, { tag, revision: tag });
  const scratch = mkdtempSync(path.join(tmpdir(), 'signalpress-compose-'));
  const files = path.join(scratch, 'files');
  mkdirSync(files);
  await execa('chown', ['1000:1000', files]);
  await execa('chmod', ['755', scratch]);
  say(
    'stand-ins: PostgreSQL for TimescaleDB, Kafka from its jars for apache/kafka, the installed Prometheus for prom/prometheus',
  );
  const database = await StandInDatabase.start(path.join(scratch, 'postgres'), env);
  const kafka = await startKafka();
  const placement = { compose, tag, portOffset, databasePort: database.port, kafka: kafka.bootstrap, files };
  const containers = new Containers(engine, placement);
  try {
    const began = performance.now();
    await containers.start();
    say(
      `ok  eight services healthy, in the order of depends_on, after ${((performance.now() - began) / 1e3).toFixed(0)} s`,
    );
    const door = new Door(containers.url('api-gateway'), adminKey);
    await theSampleGoesThrough(door);
    await theDoorIsShut(door, database);
    await everyTargetIsUp(path.join(scratch, 'prometheus'), containers, env['METRICS_TOKEN'] ?? '');
    await signalsCost(door, containers);
    await whatIsLostComesBack({ door, containers, database, scratch, files });
  } finally {
    await containers.remove();
    await database.stop();
    await kafka.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function theDoorIsShut(door: Door, database: StandInDatabase): Promise<void> {
  await strangersSeeTheShopAlone(door);
  const read = (table: string): Promise<string> =>
    database.psql('signalpress', `select count(*) from ${table}`, 'grafana');
  check(Number(await read('monitoring.applied_migrations')) > 0, "Grafana's role reads what the service made");
  const refused = await Promise.allSettled([
    read('publisher.listings'),
    database.psql('signalpress', 'delete from monitoring.applied_migrations', 'grafana'),
  ]);
  check(
    refused.every(({ status }) => status === 'rejected'),
    'and neither reads elsewhere nor writes',
  );
}

async function everyTargetIsUp(directory: string, containers: Containers, token: string): Promise<void> {
  const prometheus = await StandInPrometheus.start(directory, containers, token);
  try {
    const jobs = await prometheus.up();
    check(jobs.length === serviceNames.length, `Prometheus sees all targets up: ${jobs.join(', ')}`);
  } finally {
    await prometheus.stop();
  }
}

async function signalsCost(door: Door, containers: Containers): Promise<void> {
  const items = new Items(new Random(1));
  const now = new Date();
  const document = JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Measurement',
    items: Array.from({ length: measured }, () => items.make('listed', now).item),
  });
  const before = await usageOf(containers);
  const began = performance.now();
  const taken = await door.ingest({ source: 'feed:measurement', document });
  const outcomes = await door.settled([taken]);
  const seconds = (performance.now() - began) / 1_000;
  check(
    (outcomes['listed'] ?? 0) >= measured * 0.9,
    `${JSON.stringify(outcomes)} of ${measured} in ${seconds.toFixed(0)} s`,
  );
  say(costTable(before, await usageOf(containers), measured));
}

interface Stack {
  readonly door: Door;
  readonly containers: Containers;
  readonly database: StandInDatabase;
  readonly scratch: string;
  readonly files: string;
}

/** Backup while everything runs and nothing is under way; loss of database and files; restore. Kafka is not lost. */
async function whatIsLostComesBack({ door, containers, database, scratch, files }: Stack): Promise<void> {
  const listings = await door.listings();
  const progress = await door.progress();
  const dump = path.join(scratch, 'signalpress.dump');
  const copy = path.join(scratch, 'files-copy');
  // The database first: a file that no row speaks of is harmless, a row without its file is not.
  await database.dump(dump);
  cpSync(files, copy, { recursive: true });
  await containers.stop();
  check(true, 'all eight stop in order');
  await execa('find', [files, '-mindepth', '1', '-delete']);
  await database.restoreAs(dump, 'lost');
  cpSync(copy, files, { recursive: true });
  await execa('chown', ['-R', '1000:1000', files]);
  await containers.start();
  check(
    isDeepStrictEqual(await door.listings(), listings),
    `the restored database shows the same ${listings.length} listings`,
  );
  const again = await takeIn(door);
  const accepted = again.reduce((sum, { totals }) => sum + totals.accepted, 0);
  check(accepted === 0, `the sample again: nothing in it is new`);
  // Whatever would be done twice is done by workers that look for work every second.
  await sleep(10_000);
  const { mockups, listings: published } = await door.progress();
  const repeated = mockups - progress.mockups + published - progress.listings;
  check(repeated === 0, 'no mockup and no listing was made a second time');
  await containers.stop();
}
