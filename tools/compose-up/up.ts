import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { serviceNames } from '@signalpress/contracts';
import type { Engine } from '../images/engine.ts';
import { composeText, merged, parseCompose } from '../compose/compose-file.ts';
import { Door } from '../compose/door.ts';
import { environmentFile } from '../compose/environment-file.ts';
import { check, say } from '../compose/report.ts';
import { strangersSeeTheShopAlone, theSampleGoesThrough } from '../compose/sample.ts';
import { alertmanagers, targetsUp } from './prometheus.ts';
import { composePlugin, Stack } from './stack.ts';
import { absent, localUrl, standInOverride, standIns } from './stand-ins.ts';

/**
 * docker-compose.yml on this machine, by `docker compose`: our own images, and programs that stand in for the images of others. The
 * sample goes in at the gateway and comes out as listings.
 */
export async function up(engine: Engine, directory: string, version: string): Promise<void> {
  const base = parseCompose(composeText());
  const scratch = mkdtempSync(path.join(directory, 'smoke-'));
  const { content, adminKey } = environmentFile();
  const more = `\nDAILY_LISTING_BUDGET=1000\nSIGNALPRESS_VERSION=${version}\n`;
  const place = {
    engine,
    client: await composePlugin(directory),
    environmentFile: written(scratch, '.env', content + more),
    override: written(scratch, 'base.yml', standInOverride(base)),
  };
  const stack = new Stack(place);
  const traced = merged(base, parseCompose(composeText('docker-compose.tracing.yml')));
  const tracedStack = new Stack({ ...place, override: written(scratch, 'traced.yml', standInOverride(traced)) }, [
    'docker-compose.yml',
    'docker-compose.tracing.yml',
  ]);
  try {
    say((await stack.compose('version')).trim());
    for (const [name, program] of Object.entries(standIns)) say(`stand-in for ${name}: ${program}`);
    say(`left out, since nothing can stand in for them: ${absent.join(', ')}`);
    await stack.compose('config', '--quiet');
    await tracedStack.compose('config', '--quiet');
    check(true, 'docker compose takes docker-compose.yml, and docker-compose.tracing.yml over it');
    const began = performance.now();
    await stack.up();
    const seconds = ((performance.now() - began) / 1e3).toFixed(0);
    check(await isHealthy(stack), `docker compose up -d: all are healthy after ${seconds} s`);
    const door = new Door(localUrl('api-gateway', base), adminKey);
    await theSampleGoesThrough(door);
    await theDoorIsShut(door, stack);
    await prometheusSeesAll();
  } finally {
    await tracedStack.compose('down', '--volumes', '--remove-orphans');
    rmSync(scratch, { recursive: true, force: true });
  }
}

function written(directory: string, name: string, content: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

async function isHealthy(stack: Stack): Promise<boolean> {
  const running = await stack.list();
  return running.length === 12 && running.every(({ State, Health }) => State === 'running' && Health === 'healthy');
}

async function theDoorIsShut(door: Door, stack: Stack): Promise<void> {
  await strangersSeeTheShopAlone(door);
  const asGrafana = (statement: string): Promise<string> => {
    const psql = ['psql', '-U', 'grafana', '-d', 'signalpress', '--tuples-only', '--no-align', '-c', statement];
    return stack.compose('exec', '-T', 'timescaledb', ...psql);
  };
  const made = await asGrafana('select count(*) from monitoring.applied_migrations');
  check(Number(made) > 0, "Grafana's role reads what the service made");
  const refused = await Promise.allSettled([
    asGrafana('select count(*) from publisher.listings'),
    asGrafana('delete from monitoring.applied_migrations'),
  ]);
  const isRefused = refused.every(
    (each) => each.status === 'rejected' && /permission denied|read-only/.test(String(each.reason)),
  );
  check(isRefused, 'and neither reads elsewhere nor writes');
}

async function prometheusSeesAll(): Promise<void> {
  const jobs = await targetsUp(serviceNames.length);
  check(true, `Prometheus sees all targets up: ${jobs.join(', ')}`);
  const receivers = await alertmanagers();
  check(receivers.length === 1, `and sends alerts to ${receivers.join(', ')}`);
}
