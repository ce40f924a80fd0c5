import { overridden } from './answers.ts';
import type { Answer, Panel, Series } from './answers.ts';
import { at, colour, ink, named, path, rect, text } from './svg.ts';
import type { Box } from './svg.ts';
import { inUnit } from './units.ts';

const rowHeight = 14;
const axisWidth = 66;
const numberWidth = 78;
const mostRows = 6;

interface Drawn extends Series {
  readonly fill: string;
  readonly isLimit: boolean;
}

interface Scale {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly most: number;
  readonly plot: Box;
}

/** Lines, steps, points or bars over time, over a legend with the last and the largest value of each series. */
export function chartPicture(
  panel: Panel,
  answers: readonly Answer[],
  box: Box,
  time: { from: number; to: number },
): string {
  const series = answers
    .flatMap((answer) => answer.series)
    .filter(({ points }) => points.length > 0)
    .map((one, index): Drawn => {
      const fixed = overridden(panel, one.name, 'color') as { fixedColor?: string } | undefined;
      const fill = named[fixed?.fixedColor ?? ''] ?? colour(index);
      return { ...one, fill, isLimit: fixed !== undefined };
    });
  const rows = Math.min(series.length, mostRows) + 1 + (series.length > mostRows ? 1 : 0);
  const legend = rows * rowHeight + 4;
  const plot = {
    x: box.x + axisWidth,
    y: box.y + 4,
    width: box.width - axisWidth - 10,
    height: box.height - legend - 24,
  };
  const isStacked = panel.fieldConfig.defaults.custom?.drawStyle === 'bars';
  const most = panel.fieldConfig.defaults.max ?? nice(largest(series, isStacked), panel.fieldConfig.defaults.unit);
  const scale: Scale = {
    most,
    plot,
    x: (moment) => plot.x + ((moment - time.from) / (time.to - time.from)) * plot.width,
    y: (value) => plot.y + plot.height - (Math.min(value, most) / most) * plot.height,
  };
  const shapes = isStacked ? bars(series, scale) : series.map((one) => shape(panel, one, scale)).join('');
  return (
    axes(panel, scale, time) +
    shapes +
    thresholds(panel, scale) +
    legendOf(series, panel.fieldConfig.defaults.unit, { ...box, y: box.y + box.height - legend, height: legend })
  );
}

function axes(panel: Panel, { plot, y, most }: Scale, { from, to }: { from: number; to: number }): string {
  const { unit } = panel.fieldConfig.defaults;
  const values = [0, 1, 2, 3, 4].map((step) => (most * step) / 4);
  const across = values.map(
    (value) =>
      path(`M${at(plot.x)} ${at(y(value))}H${at(plot.x + plot.width)}`, `stroke="${ink.line}"`) +
      text(plot.x - 6, y(value) + 4, inUnit(value, unit), { size: 10, fill: ink.faint, anchor: 'end' }),
  );
  const moments = [0, 0.5, 1].map((share) => {
    const label = new Date(from + (to - from) * share).toISOString().slice(11, 19);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return text(plot.x + plot.width * share, plot.y + plot.height + 14, label, { size: 10, fill: ink.faint, anchor });
  });
  return [...across, ...moments].join('');
}

function shape(panel: Panel, { points, fill, isLimit }: Drawn, { x, y, plot }: Scale): string {
  const { lineWidth, lineInterpolation } = panel.fieldConfig.defaults.custom ?? {};
  const inside = points.map(([moment, value]) => [
    Math.min(Math.max(x(moment), plot.x), plot.x + plot.width),
    y(value),
  ]);
  const dots = inside.map(([left = 0, top = 0]) => `<circle cx="${at(left)}" cy="${at(top)}" r="2.5" fill="${fill}"/>`);
  if (!isLimit && (lineWidth === 0 || points.length === 1)) return dots.join('');
  const step = lineInterpolation === 'stepAfter';
  const d = inside
    .map(([left = 0, top = 0], index) =>
      index === 0 ? `M${at(left)} ${at(top)}` : step ? `H${at(left)}V${at(top)}` : `L${at(left)} ${at(top)}`,
    )
    .join('');
  return path(d, `fill="none" stroke="${fill}" stroke-width="1.4"${isLimit ? ' stroke-dasharray="6 5"' : ''}`);
}

/** One bar for each moment, the series on top of each other. */
function bars(series: readonly Drawn[], { x, y, plot }: Scale): string {
  const tops = new Map<number, number>();
  const moments = [...new Set(series.flatMap(({ points }) => points.map(([moment]) => moment)))].sort((a, b) => a - b);
  const gaps = moments.slice(1).map((moment, index) => x(moment) - x(moments[index] ?? moment));
  const width = Math.max(2, Math.min(26, ...gaps) - 1);
  const drawn = series.flatMap(({ points, fill }) =>
    points.map(([moment, value]) => {
      const below = tops.get(moment) ?? 0;
      tops.set(moment, below + value);
      const left = Math.min(Math.max(x(moment) - width / 2, plot.x), plot.x + plot.width - width);
      const top = y(below + value);
      return value === 0
        ? ''
        : rect({ x: left, y: top, width, height: y(below) - top }, `fill="${fill}" fill-opacity="0.8"`);
    }),
  );
  return drawn.join('');
}

/** Dashed, where the panel shows them and they are on the page. */
function thresholds(panel: Panel, { plot, y, most }: Scale): string {
  const { thresholds: bounds, custom } = panel.fieldConfig.defaults;
  if (custom?.thresholdsStyle === undefined || custom.thresholdsStyle.mode === 'off') return '';
  return (bounds?.steps ?? [])
    .filter(({ value }) => value !== null && value <= most)
    .map(({ value, color }) =>
      path(
        `M${at(plot.x)} ${at(y(value ?? 0))}H${at(plot.x + plot.width)}`,
        `stroke="${named[color] ?? ink.faint}" stroke-dasharray="5 4"`,
      ),
    )
    .join('');
}

function legendOf(series: readonly Drawn[], unit: string | undefined, box: Box): string {
  const right = box.x + box.width - 10;
  const head = ['last', 'max'].map((label, index) =>
    text(right - (1 - index) * numberWidth, box.y + 10, label, { size: 10, fill: ink.faint, anchor: 'end' }),
  );
  const rows = series.slice(0, mostRows).map(({ name, points, fill }, index) => {
    const y = box.y + 10 + (index + 1) * rowHeight;
    const values = points.map(([, value]) => value);
    const numbers = [values.at(-1) ?? 0, Math.max(...values)].map((value, column) =>
      text(right - (1 - column) * numberWidth, y, inUnit(value, unit), { size: 10.5, anchor: 'end' }),
    );
    const swatch = rect({ x: box.x + 10, y: y - 6, width: 12, height: 4 }, `fill="${fill}"`);
    return (
      swatch + text(box.x + 28, y, name, { size: 10.5, room: box.width - 34 - 2 * numberWidth }) + numbers.join('')
    );
  });
  const more = series.length - mostRows;
  const rest =
    more > 0
      ? text(box.x + 28, box.y + 10 + (mostRows + 1) * rowHeight, `and ${more} more`, { size: 10.5, fill: ink.faint })
      : '';
  return [...head, ...rows, rest].join('');
}

function largest(series: readonly Series[], isStacked: boolean): number {
  if (!isStacked) return Math.max(0, ...series.flatMap(({ points }) => points.map(([, value]) => value)));
  const sums = new Map<number, number>();
  for (const [moment, value] of series.flatMap(({ points }) => points))
    sums.set(moment, (sums.get(moment) ?? 0) + value);
  return Math.max(0, ...sums.values());
}

/** The next number that divides well into four, in minutes and hours too. */
function nice(value: number, unit: string | undefined): number {
  if (value <= 0) return 1;
  if (unit === 's' && value > 60)
    return value > 3_600 ? nice(value / 3_600, 'h') * 3_600 : nice(value / 60, 'min') * 60;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return step * power;
}
