import type { Answer, Panel } from './answers.ts';
import { colour, ink, rect, text } from './svg.ts';
import type { Box } from './svg.ts';
import { inUnit } from './units.ts';

/** A stack of bars for each row, over the names of the rows. */
export function barsPicture(panel: Panel, answers: readonly Answer[], box: Box): string {
  const [answer] = answers;
  const { xField } = panel.options ?? {};
  if (answer === undefined) return '';
  const names = answer.columns.filter((column) => column !== xField);
  const indexOf = (column: string): number => answer.columns.indexOf(column);
  const rows = answer.rows.map((row) => ({
    label: String(row[indexOf(xField ?? '')] ?? ''),
    values: names.map((name) => Number(row[indexOf(name)] ?? 0)),
  }));
  const most = Math.max(1, ...rows.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  const plot = { x: box.x + 34, y: box.y + 6, width: box.width - 44, height: box.height - 50 };
  const slot = plot.width / Math.max(1, rows.length);
  const height = (value: number): number => (value / most) * plot.height;
  const floor = plot.y + plot.height;
  const drawn = rows.flatMap(({ label, values }, row) => {
    const x = plot.x + row * slot;
    let below = 0;
    const stack = values.map((value, index) => {
      below += value;
      const bar = { x: x + slot * 0.15, y: floor - height(below), width: slot * 0.7, height: height(value) };
      return value === 0 ? '' : rect(bar, `fill="${colour(index)}"`);
    });
    return [...stack, text(x + slot / 2, floor + 14, label, { size: 10, fill: ink.faint, anchor: 'middle' })];
  });
  const { unit } = panel.fieldConfig.defaults;
  const scale = [0, most].map((value) =>
    text(plot.x - 6, floor - height(value) + 4, inUnit(value, unit), { size: 10, fill: ink.faint, anchor: 'end' }),
  );
  const legend = names.map((name, index) => {
    const x = box.x + 34 + index * 90;
    return rect({ x, y: floor + 26, width: 12, height: 4 }, `fill="${colour(index)}"`) + text(x + 18, floor + 32, name);
  });
  return [...drawn, ...scale, ...legend].join('');
}
