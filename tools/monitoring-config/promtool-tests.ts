import type { AlertCase, Series } from './alert-cases.ts';

/** What `promtool test rules` reads; JSON is YAML. */
export interface PromtoolTests {
  readonly rule_files: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly PromtoolTest[];
}

interface PromtoolTest {
  readonly name: string;
  readonly interval: string;
  readonly external_labels: Readonly<Record<string, string>>;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly promql_expr_test: readonly Expectation[];
  readonly alert_rule_test: readonly Announcement[];
}

interface Expectation {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/** Exactly these alerts of that name, with all that they say. */
interface Announcement {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts: readonly {
    readonly exp_labels: Readonly<Record<string, string>>;
    readonly exp_annotations: Readonly<Record<string, string>>;
  }[];
}

type Phase = 'well' | 'broken' | 'idle';
/** What happens, one after the other, for so many minutes each. */
type Course = readonly (readonly [minutes: number, phase: Phase])[];

const runbookBase = 'docs/runbooks';
const BLIP_MINUTES = 1;
/** How long a blip and a time without traffic are watched. */
const WATCHED_MINUTES = 29;

/** Four tests for each alert: a total outage, the recovery from one, a blip of 60 s, and no traffic at all. One file per kind of case. */
export function promtoolTests(cases: readonly AlertCase[], rulesFolder: string): PromtoolTests[] {
  const kinds = new Set(cases.map(kindOf));
  return [...kinds].map((kind) => {
    const [first, ...more] = cases.filter((alert) => kindOf(alert) === kind);
    if (first === undefined) throw new Error('a kind has at least one case');
    return {
      rule_files: [`${rulesFolder}/${first.rules}`],
      evaluation_interval: `${first.step}m`,
      tests: [first, ...more].flatMap(testsOf),
    };
  });
}

const kindOf = ({ rules, step }: AlertCase): string => `${rules} ${step}`;

function testsOf(alert: AlertCase): PromtoolTest[] {
  const { history, firesWithin, outage, clearsWithin, step } = alert;
  const before = [history, 'well'] as const;
  return [
    test(
      alert,
      'fires in time on a total outage',
      [before, [firesWithin + step, 'broken']],
      [firing(alert, history - step, 0), firing(alert, history + firesWithin, 1)],
    ),
    test(
      alert,
      'clears after recovery',
      [before, [outage, 'broken'], [clearsWithin + step, 'well']],
      // The sample of the last minute that was broken, and the first that must be well.
      [firing(alert, history + outage - step, 1), firing(alert, history + outage + clearsWithin, 0)],
      [saying(alert, history + outage - step)],
    ),
    test(
      alert,
      'is silent on a blip of 60 s',
      [before, [BLIP_MINUTES, 'broken'], [WATCHED_MINUTES, 'well']],
      [neverFired(alert, history + BLIP_MINUTES + WATCHED_MINUTES)],
    ),
    test(
      alert,
      'is silent without traffic',
      [before, [BLIP_MINUTES + WATCHED_MINUTES, 'idle']],
      [neverFired(alert, history + BLIP_MINUTES + WATCHED_MINUTES)],
    ),
  ];
}

function test(
  alert: AlertCase,
  name: string,
  course: Course,
  expectations: readonly Expectation[],
  announcements: readonly Announcement[] = [],
): PromtoolTest {
  return {
    name: [alert.alert, alert.of, name].filter((part) => part !== undefined).join(' '),
    interval: `${alert.step}m`,
    external_labels: { runbook_base: runbookBase },
    input_series: alert.series.map((series) => ({ series: series.name, values: values(series, course, alert.step) })),
    promql_expr_test: expectations,
    alert_rule_test: announcements,
  };
}

/** One sample per step: what a counter has grown to, or what a gauge says in the step's first minute. */
function values(series: Series, course: Course, step: number): string {
  const minutes = course.flatMap(([length, phase]) => Array.from({ length }, () => series[phase]));
  let total = 0;
  const samples: number[] = [];
  for (const [minute, value] of minutes.entries()) {
    if (minute % step === 0) samples.push(series.kind === 'counter' ? total : value);
    total += value;
  }
  return samples.join(' ');
}

function firing({ alert }: AlertCase, minute: number, count: 0 | 1): Expectation {
  return expectation(`count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`, minute, count);
}

function saying({ alert, labels, summary }: AlertCase, minute: number): Announcement {
  return {
    alertname: alert,
    eval_time: `${minute}m`,
    exp_alerts: [{ exp_labels: labels, exp_annotations: { summary, runbook_url: `${runbookBase}/${alert}.md` } }],
  };
}

function neverFired({ alert }: AlertCase, minute: number): Expectation {
  const ever = `count_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[${minute}m])`;
  return expectation(`sum(${ever}) or vector(0)`, minute, 0);
}

function expectation(expr: string, minute: number, value: number): Expectation {
  return { expr, eval_time: `${minute}m`, exp_samples: [{ labels: '{}', value }] };
}
