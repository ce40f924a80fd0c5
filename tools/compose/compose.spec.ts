import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames, services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { parse } from 'yaml';
import { workspaceRoot } from '../launcher/workspace.ts';
import { composeText, filled, parseCompose, variablesOf } from './compose-file.ts';
import { loose, specification } from './specification.ts';
import { environmentFile } from './environment-file.ts';

const overrides = readdirSync(workspaceRoot).filter((name) => /^docker-compose\..+\.yml$/.test(name));
const text = composeText();
const compose = parseCompose(text);
const all = Object.entries(compose.services);
const stores = ['timescaledb', 'kafka'];

describe('docker-compose.yml', () => {
  it.each(['docker-compose.yml', ...overrides])('%s follows the Compose specification', (name) => {
    expect(specification()(parse(composeText(name), { merge: true }))).toEqual([]);
  });

  it('would not pass with a word that the specification does not know', () => {
    const wrong = parse(text, { merge: true }) as { services: Record<string, Record<string, unknown>> };
    wrong.services['kafka'] = { ...wrong.services['kafka'], mem_limits: '1g' };
    expect(specification()(wrong)).not.toEqual([]);
  });

  it('refers to nothing that it does not have', () => {
    expect(loose(compose)).toEqual([]);
    const ghosts = {
      services: { a: { depends_on: { b: { condition: 'service_healthy' } }, volumes: ['v:/v'], networks: ['n'] } },
    };
    expect(loose(ghosts)).toEqual(['a: b', 'a: v', 'a: n']);
  });

  it('has no circle in its order of starting, and waits for health alone', () => {
    const started = new Set<string>();
    for (let round = 0; round < all.length; round++) {
      for (const [name, { depends_on: needs = {} }] of all) {
        if (Object.keys(needs).every((other) => started.has(other))) started.add(name);
      }
    }
    expect([...started].sort()).toEqual(all.map(([name]) => name).sort());
    const conditions = all.flatMap(([, { depends_on: needs = {} }]) => Object.values(needs).map((n) => n.condition));
    expect(new Set(conditions)).toEqual(new Set(['service_healthy']));
  });

  it('has the eight services and what they need, under the names that others rely on', () => {
    const others = [...stores, 'prometheus', 'alertmanager', 'grafana'];
    expect(Object.keys(compose.services).sort()).toEqual([...serviceNames, ...others].sort());
    for (const name of Object.keys(compose.services)) expect(compose.services[name]?.networks).toBeUndefined();
  });

  it('publishes the gateway, Grafana and Prometheus, on this machine alone', () => {
    const published = all.filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name).sort()).toEqual(['api-gateway', 'grafana', 'prometheus']);
    for (const [, { ports = [] }] of published) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it.each(all)('%s is bounded, dropped to nothing, restarted, and of one version', (name, service) => {
    expect(service).toMatchObject({ restart: 'unless-stopped', cap_drop: ['ALL'] });
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.read_only).toBe(name !== 'kafka');
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.image).toMatch(/^[a-z/-]+:(v?\d+\.\d+\.\d+(-pg\d+)?|\$\{SIGNALPRESS_VERSION:-\d+\.\d+\.\d+\})$/);
  });

  it('takes nothing from .env that .env.example does not explain, and explains nothing more', () => {
    const example = readFileSync(path.join(workspaceRoot, '.env.example'), 'utf8');
    const explained = [...example.matchAll(/^(?:# )?([A-Z0-9_]+)=/gm)].map((match) => match[1]);
    expect([...new Set(explained)].sort()).toEqual(
      variablesOf([text, ...overrides.map((name) => composeText(name))].join('\n')),
    );
  });

  it('is complete with what npm run compose:env writes', () => {
    const { content, adminKey } = environmentFile();
    const values = parseEnv(content) as Record<string, string>;
    const complete = filled(compose, values);
    expect(complete.services['signal-ingestion']?.environment).toMatchObject({
      DATABASE_URL: `postgresql://signalpress:${values['DATABASE_PASSWORD'] ?? ''}@timescaledb:5432/signalpress`,
      SENTRY_DSN: '',
    });
    expect(() => filled(compose, {})).toThrow('create .env');
    expect(JSON.stringify(complete)).not.toContain(adminKey);
    expect(environmentFile().content).not.toBe(content);
  });
});

describe.each(serviceNames)('%s in docker-compose.yml', (name) => {
  const service = compose.services[name] ?? {};
  let variables: string[];

  beforeAll(() => {
    variables = exampleVariables(name);
  });

  it('gets no variable that it does not read', () => {
    expect(Object.keys(service.environment ?? {}).filter((variable) => !variables.includes(variable))).toEqual([]);
  });

  it('listens where its image, Prometheus and the others expect it', () => {
    const port = services[name].containerPort;
    expect(service.environment?.['PORT']).toBe(port);
    expect(service.build?.args).toMatchObject({ SERVICE: name });
    expect(service.build?.args?.['PORT'] ?? 8000).toBe(port);
    const url = `http://${name}:${port}`;
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_URL`;
    const told = all.flatMap(([, { environment = {} }]) => (variable in environment ? [environment[variable]] : []));
    expect(told.filter((address) => address !== url)).toEqual([]);
  });
});

/** What the service's own .env.example says that it reads; a spec of the service compares that with its schema. */
function exampleVariables(name: ServiceName): string[] {
  const example = readFileSync(path.join(workspaceRoot, 'apps', name, '.env.example'), 'utf8');
  return [...example.matchAll(/^(?:# )?([A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
}
