import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { services } from '@signalpress/contracts';
import { alertCases } from './alert-cases.ts';
import { promtoolTests } from './promtool-tests.ts';

const root = path.resolve(import.meta.dirname, '../..');
const prometheus = path.join(root, 'docker/prometheus');
const ruleFiles = readdirSync(path.join(prometheus, 'rules')).map((file) => path.join(prometheus, 'rules', file));

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rules = ruleFiles.flatMap((file) =>
  (parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
);
const alerts = rules.filter((rule): rule is Rule & { alert: string } => rule.alert !== undefined);

/** REQUIRE_PROMETHEUS=1 (set in CI) makes a missing tool a failure. */
const missing = ['promtool', 'amtool'].filter((tool) => !isInstalled(tool));
const withTools = missing.length === 0 || process.env['REQUIRE_PROMETHEUS'] === '1' ? it : it.skip;

describe('the scrape configuration', () => {
  const config = parse(readFileSync(path.join(prometheus, 'prometheus.yml'), 'utf8')) as {
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  };

  it('has one job per service, named as the service, with the port that it has in a container', () => {
    const jobs = config.scrape_configs.map(({ job_name: job, static_configs: statics }) => [
      job,
      statics.flatMap(({ targets }) => targets),
    ]);
    const expected = Object.entries(services).map(([name, { containerPort }]) => [name, [`${name}:${containerPort}`]]);
    expect(Object.fromEntries(jobs)).toEqual(Object.fromEntries(expected));
  });
});

describe('alerts', () => {
  it('are all tried out', () => {
    // As often as there are rules of that name.
    expect(alertCases.map(({ alert }) => alert).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s: severity, service, summary, runbook',
    (name, rule) => {
      expect(['critical', 'warning']).toContain(rule.labels?.['severity']);
      expect(rule.labels?.['service']).toBeDefined();
      expect(rule.annotations?.['summary']).toMatch(/\{\{|two minutes/);
      expect(rule.annotations?.['runbook_url']).toBe(`{{ $externalLabels.runbook_base }}/${name}.md`);
      const runbook = path.join(root, 'docs/runbooks', `${name}.md`);
      expect({ runbook, exists: existsSync(runbook) }).toEqual({ runbook, exists: true });
      const text = readFileSync(runbook, 'utf8');
      for (const heading of ['## Cause', '## Check', '## Fix']) expect(text).toContain(heading);
    },
  );
});

describe('promtool and amtool', () => {
  withTools('accept the configuration and the rules', () => {
    // The token is a file of the place where it runs.
    const config = path.join(prometheus, 'prometheus.yml');
    expect(run('promtool', ['check', 'config', '--syntax-only', config])).toContain('SUCCESS');
    expect(run('promtool', ['check', 'rules', ...ruleFiles])).not.toContain('FAILED');
    expect(run('amtool', ['check-config', path.join(root, 'docker/alertmanager/alertmanager.yml')])).toContain(
      'SUCCESS',
    );
  });

  withTools(
    'each alert fires in time, clears, and is silent on a blip and on no traffic',
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'signalpress-rules-'));
      try {
        const files = promtoolTests(alertCases, path.join(prometheus, 'rules')).map((tests, index) => {
          const file = path.join(folder, `alerts-${index}.test.yml`);
          writeFileSync(file, JSON.stringify(tests));
          return file;
        });
        const printed = run('promtool', ['test', 'rules', ...files]);
        expect(printed).not.toContain('FAILED');
        expect(printed.match(/SUCCESS/g)).toHaveLength(files.length);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    240_000,
  );
});

function isInstalled(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What the tool printed, also when it was not content. */
function run(tool: string, args: readonly string[]): string {
  try {
    return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `FAILED\n${stdout ?? ''}${stderr ?? ''}`;
  }
}
