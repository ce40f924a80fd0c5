import type { Answers, Panel } from './answers.ts';
import { barsPicture } from './bars.picture.ts';
import { chartPicture } from './chart.picture.ts';
import { statPicture } from './stat.picture.ts';
import { tablePicture } from './table.picture.ts';
import { ink, rect, text } from './svg.ts';
import type { Box } from './svg.ts';

/** The parts of a dashboard's JSON that a picture shows. */
export interface DashboardJson {
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

/** Pixels of one unit of Grafana's grid. */
const cell = { width: 60, height: 34 };
const gap = 4;
const head = 64;
const titleHeight = 26;
const width = 24 * cell.width + 2 * gap;

/**
 * A dashboard with the answers of one run, as SVG. The places, titles, units, thresholds and queries are those of the file; the
 * drawing is ours and only like Grafana's, and the picture says so.
 */
export function picture({ title, description, panels }: DashboardJson, answers: Answers): string {
  const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
  const height = head + bottom * cell.height + 2 * gap;
  const time = [answers.from, answers.to].map((moment) =>
    new Date(moment).toISOString().slice(0, 19).replace('T', ' '),
  );
  const parts = [
    rect({ x: 0, y: 0, width, height }, `fill="${ink.page}"`),
    text(gap * 3, 26, title, { size: 18, weight: 600 }),
    text(gap * 3, 48, description, { size: 13, fill: ink.faint }),
    text(width - gap * 3, 26, `${time.join(' to ')} UTC`, { size: 12, fill: ink.faint, anchor: 'end' }),
    text(width - gap * 3, 48, 'Answers of a test run, drawn by tools/dashboards/pictures; Grafana draws its own way.', {
      size: 12,
      fill: ink.faint,
      anchor: 'end',
    }),
    ...panels.map((panel) => framed(panel, answers)),
  ];
  const font = 'font-family="Inter, DejaVu Sans, Helvetica, Arial, sans-serif"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${font}>\n${parts.join('\n')}\n</svg>\n`;
}

function framed(panel: Panel, answers: Answers): string {
  const { x, y, w, h } = panel.gridPos;
  const frame: Box = {
    x: gap + x * cell.width + gap / 2,
    y: head + y * cell.height + gap / 2,
    width: w * cell.width - gap,
    height: h * cell.height - gap,
  };
  const inner = { ...frame, y: frame.y + titleHeight, height: frame.height - titleHeight };
  return [
    rect(frame, `fill="${ink.panel}" stroke="${ink.line}"`),
    text(frame.x + 8, frame.y + 17, panel.title, { size: 12, weight: 600, room: frame.width - 16 }),
    content(panel, answers, inner),
  ].join('');
}

/** @throws Error for a kind of panel that nobody has drawn yet, or one without an answer */
function content(panel: Panel, { from, to, panels }: Answers, box: Box): string {
  const own = panels[String(panel.id)];
  if (own === undefined) throw new Error(`there is no answer for the panel "${panel.title}"`);
  switch (panel.type) {
    case 'stat':
      return statPicture(panel, own, box);
    case 'timeseries':
      return chartPicture(panel, own, box, { from, to });
    case 'table':
      return tablePicture(panel, own, box);
    case 'barchart':
      return barsPicture(panel, own, box);
    default:
      throw new Error(`a panel of the kind ${panel.type} cannot be drawn`);
  }
}
