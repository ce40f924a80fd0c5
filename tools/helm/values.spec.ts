import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { chartDirectory } from './chart-paths.ts';
import { crdSchemas } from './crd-schemas.ts';
import { documentedValues } from './documented-values.ts';
import { generatedFiles } from './generated.ts';
import { golden } from './render.ts';
import { commonVariables, serviceNames, settableVariables } from './service-variables.ts';

const read = (file: string) => readFileSync(path.join(chartDirectory, file), 'utf8');
const readYaml = (file: string) => parse(read(file)) as Record<string, unknown>;
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(read('values.schema.json')) as object,
);

/** As Helm lays files over each other, where no list and no null is merged. */
function overlaid(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in above ? overlaid(below[key], above[key]) : below[key]]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const problems = (settings: object) => {
  validate(overlaid(readYaml('values.yaml'), settings));
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, Object.values(params).join()].join(' '),
  );
};

describe('values.schema.json and the table of the README', () => {
  it('are what values.yaml and the services say (npm run helm:check -- --update)', async () => {
    for (const { file, content } of await generatedFiles()) expect(readFileSync(file, 'utf8')).toBe(content);
  });
});

describe('values.yaml', () => {
  it('says of every value what it does', () => {
    const all = documentedValues(read('values.yaml'));
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter(({ comment }) => comment === '').map(({ path }) => path.join('.'))).toEqual([]);
  });

  it('has the eight services', () => {
    expect(Object.keys(readYaml('values.yaml')['services'] as object).sort()).toEqual(serviceNames);
    expect(serviceNames).toHaveLength(8);
  });
});

describe('the schema', () => {
  const files = readdirSync(chartDirectory).filter((file) => /^values-.*\.yaml$/.test(file));

  it('takes the defaults and each values file', () => {
    expect(files).toEqual(['values-external.yaml', 'values-production.yaml', 'values-small.yaml']);
    expect(problems({})).toEqual([]);
    for (const file of files) expect([file, problems(readYaml(file))]).toEqual([file, []]);
  });

  it.each([
    [{ dashbords: {} }, ' must NOT have additional properties dashbords'],
    [{ metrics: { rules: { enable: true } } }, '/metrics/rules must NOT have additional properties enable'],
    [
      { services: { orchestrator: { replica: 2 } } },
      '/services/orchestrator must NOT have additional properties replica',
    ],
    [{ services: { orchestrater: {} } }, '/services must NOT have additional properties orchestrater'],
    [{ env: { LOG_LEVL: 'info' } }, '/env must NOT have additional properties LOG_LEVL'],
    [{ env: { METRICS_TOKEN: 'x' } }, '/env must NOT have additional properties METRICS_TOKEN'],
    [{ secrets: { databaseUrl: { value: 'x' } } }, '/secrets/databaseUrl must NOT have additional properties value'],
    [{ networkPolicy: { database: { ports: ['5432'] } } }, '/networkPolicy/database/ports/0 must be integer integer'],
    [
      { events: { kafka: { brokers: ['kafka'] } } },
      '/events/kafka/brokers/0 must match pattern "^[^:,\\s]+:[0-9]+$" ^[^:,\\s]+:[0-9]+$',
    ],
  ])('refuses %j', (settings, problem) => {
    expect(problems(settings)).toEqual([problem]);
  });

  it('takes the standard variables of OpenTelemetry, for all services or one', () => {
    expect(
      problems({
        env: { OTEL_TRACES_SAMPLER_ARG: 0.1 },
        services: { monitoring: { env: { OTEL_SDK_DISABLED: true } } },
      }),
    ).toEqual([]);
  });
});

describe('the variables that values take', () => {
  it('are those of the service, without secrets and what the chart sets', () => {
    expect(settableVariables('orchestrator')).toEqual(
      expect.arrayContaining(['APPROVAL_THRESHOLD', 'DAILY_LISTING_BUDGET', 'DATABASE_POOL_MAX', 'LOG_LEVEL']),
    );
    const all = serviceNames.flatMap(settableVariables);
    expect(all.filter((name) => /SECRET|TOKEN|PASSWORD|SHA256|DSN|_KEY$|DATABASE_URL/.test(name))).toEqual([]);
  });

  it('are common where every service knows them', () => {
    expect(commonVariables()).toEqual(expect.arrayContaining(['LOG_LEVEL', 'SHOP_REGION', 'SHOP_TIMEZONE']));
    expect(commonVariables()).not.toContain('DATABASE_POOL_MAX');
  });
});

describe('crdSchemas', () => {
  it('closes objects, but not what keeps unknown fields', () => {
    const inner = { type: 'object', properties: { port: { type: 'string' } } };
    const open = { ...inner, 'x-kubernetes-preserve-unknown-fields': true };
    const openAPIV3Schema = { type: 'object', properties: { spec: inner, status: open, metadata: { type: 'object' } } };
    const definition = {
      spec: {
        group: 'a.example.org',
        names: { kind: 'Thing' },
        versions: [{ name: 'v1', schema: { openAPIV3Schema } }],
      },
    };
    const [{ name, schema } = { name: '', schema: {} }] = crdSchemas(definition);
    expect(name).toBe('thing-a-v1.json');
    const takes = new Ajv({ strict: false }).compile(schema as object);
    expect(takes({ spec: { port: 'http' }, status: { other: 1 }, metadata: { name: 'a' } })).toBe(true);
    expect(takes({ spec: { prt: 'http' } })).toBe(false);
    expect(takes({ spc: {} })).toBe(false);
  });
});

describe('a committed render', () => {
  it('leaves out what has a source of its own, and nothing else', () => {
    const rendered =
      'data:\n  latency.json: |-\n    {\n\n      "title": "a"\n    }\n---\nspec:\n  groups:\n    - name: a\n      rules: []\n---\nkind: Service\n';
    expect(golden(rendered)).toBe(
      'data:\n  latency.json: (from its source)\n---\nspec:\n  groups: (from its source)\n---\nkind: Service\n',
    );
  });
});
