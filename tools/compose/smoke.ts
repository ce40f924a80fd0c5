import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { serviceNames } from '@signalpress/contracts';
import { startOtlpSink } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import type { Engine } from '../images/engine.ts';
import { composeText, merged, parseCompose } from './compose-file.ts';
import { signalsCost } from './cost.ts';
import { Door } from './door.ts';
import { environmentFile } from './environment-file.ts';
import { everybodyStopsInOrder, isReplacedAtWork, runsWithinItsBounds, whatEndsIsStartedAgain } from './life.ts';
import { MadeSignals } from './made-signals.ts';
import { alertmanagers, targetsUp } from './prometheus.ts';
import { check, say } from './report.ts';
import { whatIsLostComesBack } from './restore.ts';
import { strangersSeeTheShopAlone, theSampleGoesThrough } from './sample.ts';
import { composePlugin, Stack } from './stack.ts';
import type { StackPlace } from './stack.ts';
import { absent, localUrl, standInOverride, standIns } from './stand-ins.ts';
import { everythingIsTraced } from './tracing.ts';

/**
 * docker-compose.yml on this machine, by `docker compose`: our own images, and programs that stand in for the images of others. The
 * sample goes in at the gateway and comes out as listings; then what docs/deployment.md says of such a stack, a part after the other.
 */
export async function smoke(engine: Engine, directory: string, version: string): Promise<void> {
  const scratch = mkdtempSync(path.join(directory, 'smoke-'));
  const sink = await startOtlpSink();
  const { content, adminKey } = environmentFile();
  const variables = [content, 'DAILY_LISTING_BUDGET=1000', 'TRACE_KEEP_PERCENT=100', 'TRACE_DECISION_WAIT=5s'];
  const setVersion = (to: string): string =>
    written(scratch, '.env', [...variables, `SIGNALPRESS_VERSION=${to}`, ''].join('\n'));
  const place = {
    engine,
    client: await composePlugin(directory),
    environmentFile: setVersion(version),
    directory: scratch,
  };
  const base = parseCompose(composeText());
  const { stack, traced } = stacks(place, sink);
  const made = new MadeSignals();
  const door = new Door(localUrl('api-gateway', base), adminKey);
  try {
    await starts(stack, traced);
    await runsWithinItsBounds(stack, base);
    await theSampleGoesThrough(door);
    await theDoorIsShut(door, stack);
    await prometheusSeesAll();
    await whatEndsIsStartedAgain(stack);
    await isReplacedAtWork({ engine, door, stack, made, version, setVersion });
    await whatIsLostComesBack(door, stack);
    await theDoorIsShut(door, stack);
    await signalsCost(door, stack, made);
    await everythingIsTraced({ door, stack: traced, made, sink });
    await everybodyStopsInOrder(traced);
  } finally {
    await traced.compose('down', '--volumes', '--remove-orphans');
    await sink.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The stack of docker-compose.yml, and the same with docker-compose.tracing.yml laid over it. */
function stacks(
  place: Omit<StackPlace, 'override'>,
  sink: OtlpSink,
): { readonly stack: Stack; readonly traced: Stack } {
  const files = ['docker-compose.yml', 'docker-compose.tracing.yml'];
  const [base, both] = [
    parseCompose(composeText()),
    merged(parseCompose(composeText()), parseCompose(composeText('docker-compose.tracing.yml'))),
  ];
  const backend = sink.grpcUrl.replace('http://', '');
  const override = (name: string, content: string): StackPlace => ({
    ...place,
    override: written(place.directory, name, content),
  });
  return {
    stack: new Stack(override('base.yml', standInOverride(base, backend)), files.slice(0, 1)),
    traced: new Stack(override('traced.yml', standInOverride(both, backend)), files),
  };
}

function written(directory: string, name: string, content: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

async function starts(stack: Stack, traced: Stack): Promise<void> {
  say((await stack.compose('version')).trim());
  for (const [name, program] of Object.entries(standIns)) say(`stand-in for ${name}: ${program}`);
  say(`left out, since nothing can stand in for them: ${absent.join(', ')}`);
  await stack.compose('config', '--quiet');
  await traced.compose('config', '--quiet');
  check(true, 'docker compose takes docker-compose.yml, and docker-compose.tracing.yml over it');
  const began = performance.now();
  await stack.up();
  const seconds = ((performance.now() - began) / 1e3).toFixed(0);
  const running = await stack.list();
  const isHealthy = running.every(({ State, Health }) => State === 'running' && Health === 'healthy');
  check(running.length === 12 && isHealthy, `docker compose up -d: all twelve are healthy after ${seconds} s`);
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
