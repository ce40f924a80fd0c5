import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { dashboards, fileOf } from '../dashboards.ts';
import type { Answer, Panel } from './answers.ts';
import { picture } from './picture.ts';
import type { DashboardJson } from './picture.ts';
import { inUnit } from './units.ts';

const json = (index: number): DashboardJson =>
  JSON.parse(readFileSync(fileOf(dashboards[index]!), 'utf8')) as DashboardJson;
const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 1)];
const series = (name: string, ...values: number[]): Answer['series'][number] => ({
  name,
  points: values.map((value, index) => [from + index * 10_000, value] as const),
});
const answer = (given: Partial<Answer>): Answer => ({ refId: 'A', columns: [], rows: [], series: [], ...given });
const panel = (type: string, more: Partial<Panel> = {}): Panel => ({
  id: 1,
  type,
  title: 'Free <disk>',
  gridPos: { x: 0, y: 0, w: 8, h: 9 },
  fieldConfig: { defaults: { unit: 's' }, overrides: [] },
  ...more,
});
const draw = (one: Panel, ...answers: Answer[]): string =>
  picture({ title: 'A board', description: 'Why?', panels: [one] }, { from, to, panels: { 1: answers } });

describe('a picture', () => {
  it('says what drew it and of what time the answers are', () => {
    const svg = draw(panel('stat'), answer({ rows: [[90]] }));
    expect(svg).toContain('Answers of a test run, drawn by tools/dashboards/pictures');
    expect(svg).toContain('2026-01-01 00:00:00 to 2026-01-01 00:01:00 UTC');
    expect(svg).toContain('Free &lt;disk&gt;');
  });

  it('shows a number in its unit, on the colour of the step that it has reached', () => {
    const bounds = [
      { value: null, color: 'green' },
      { value: 60, color: 'orange' },
      { value: 120, color: 'red' },
    ];
    const stat = panel('stat', {
      fieldConfig: { defaults: { unit: 's', thresholds: { steps: bounds } }, overrides: [] },
    });
    for (const [value, label, fill] of [
      [30, '30 s', '#299c46'],
      [90, '1.5 min', '#e5850b'],
      [7_200, '2 h', '#d44a3a'],
    ] as const) {
      const svg = draw(stat, answer({ rows: [[value]] }));
      expect(svg).toContain(`>${label}<`);
      expect(svg).toContain(fill);
    }
  });

  it('takes the bound from a query, where the panel does', () => {
    const stat = panel('stat', {
      fieldConfig: { defaults: { unit: 's', thresholds: { steps: [{ value: null, color: 'green' }] } }, overrides: [] },
      transformations: [{ id: 'configFromData', options: { configRefId: 'B' } }],
    });
    const agreed = answer({ refId: 'B', rows: [[60]] });
    expect(draw(stat, answer({ rows: [[61]] }), agreed)).toContain('#d44a3a');
    expect(draw(stat, answer({ rows: [[59]] }), agreed)).not.toContain('#d44a3a');
  });

  it('draws lines and a legend with the last and the largest value', () => {
    const svg = draw(
      panel('timeseries'),
      answer({ series: [series('orchestrator', 1, 3, 2), series('monitoring', 0.5)] }),
    );
    for (const label of ['orchestrator', 'monitoring', '>2 s<', '>3 s<', '>500 ms<']) expect(svg).toContain(label);
    // Zero is at the bottom, and more is higher up.
    const [, first = '', second = ''] = /d="M([\d.]+ [\d.]+)L([\d.]+ [\d.]+)L/.exec(svg) ?? [];
    const [firstTop, secondTop] = [first, second].map((point) => Number(point.split(' ')[1]));
    expect(secondTop).toBeLessThan(firstTop ?? 0);
  });

  it('stacks bars', () => {
    const bars = panel('timeseries', {
      fieldConfig: { defaults: { unit: 'short', custom: { drawStyle: 'bars' } }, overrides: [] },
    });
    const svg = draw(bars, answer({ series: [series('inside', 2), series('outside', 6)] }));
    const heights = [...svg.matchAll(/height="([\d.]+)" fill="#\w+" fill-opacity/g)].map(([, height]) =>
      Number(height),
    );
    expect((heights[1] ?? 0) / (heights[0] ?? 1)).toBeCloseTo(3, 1);
  });

  it('shows tables with labels, units and what there was no room for, without hidden columns', () => {
    const table = panel('table', {
      fieldConfig: {
        defaults: {},
        overrides: [
          {
            matcher: { id: 'byName', options: 'age' },
            properties: [
              { id: 'displayName', value: 'Waits for' },
              { id: 'unit', value: 's' },
            ],
          },
          { matcher: { id: 'byName', options: 'idea_id' }, properties: [{ id: 'custom.hidden', value: true }] },
        ],
      },
    });
    const rows = Array.from({ length: 30 }, (_, index) => [`idea ${index}`, '90', 'secret-id']);
    const svg = draw(table, answer({ columns: ['phrase', 'age', 'idea_id'], rows }));
    for (const label of ['Waits for', '1.5 min', 'idea 0', 'and ']) expect(svg).toContain(label);
    expect(svg).not.toContain('secret-id');
  });

  it('does not pass over what it cannot draw or has no answer to', () => {
    expect(() => draw(panel('gauge'), answer({}))).toThrow('gauge');
    expect(() => picture({ title: '', description: '', panels: [panel('stat')] }, { from, to, panels: {} })).toThrow(
      'no answer',
    );
  });
});

describe('units', () => {
  it.each([
    [0, 's', '0 s'],
    [0.0123, 's', '12.3 ms'],
    [125_829_120, 'bytes', '120 MiB'],
    [0.9949, 'percentunit', '99.5%'],
    [1_234, 'short', '1.23 K'],
    [2.5, 'reqps', '2.5 req/s'],
    [3, 'none', '3'],
  ])('%s in %s is %s', (value, unit, expected) => {
    expect(inUnit(value, unit)).toBe(expected);
  });
});

describe('the pictures in the docs', () => {
  it.each(dashboards.map(({ file }, index) => [file, index] as const))(
    '%s shows every panel of the dashboard',
    (file, index) => {
      const svg = path.resolve(import.meta.dirname, '../../../docs/images/dashboards', `${file}.svg`);
      expect({ svg, exists: existsSync(svg) }).toEqual({ svg, exists: true });
      const text = readFileSync(svg, 'utf8');
      const { panels, title } = json(index);
      expect(text).toContain(title);
      // Panels were added, renamed or moved since: draw anew (npm run dashboards:pictures).
      const titles = [...text.matchAll(/font-size="12" fill="#24292e" font-weight="600">([^<]*)</g)].map(
        ([, one]) => one,
      );
      expect(titles).toEqual(panels.map((one) => one.title));
    },
  );
});
