import { overridden } from './answers.ts';
import type { Answer, Cell, Panel } from './answers.ts';
import { at, ink, path, text, widthOf } from './svg.ts';
import type { Box } from './svg.ts';
import { inUnit } from './units.ts';

const rowHeight = 20;
const size = 11;

/** Rows, in the order of the answer, as many as there is room for; what is a link is blue. */
export function tablePicture(panel: Panel, answers: readonly Answer[], box: Box): string {
  const [answer] = answers;
  if (answer === undefined) return '';
  const columns = answer.columns
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => overridden(panel, name, 'custom.hidden') !== true);
  const room = Math.max(1, Math.floor(box.height / rowHeight) - 2);
  const shown = answer.rows.slice(0, room);
  const cells = columns.map(({ name, index }) => shown.map((row) => cellText(panel, name, row[index] ?? null)));
  const labels = columns.map(({ name }) => {
    const label = overridden(panel, name, 'displayName');
    return typeof label === 'string' ? label : name;
  });
  const widths = shared(
    labels.map((label, column) => widest([label, ...(cells[column] ?? [])])),
    box.width - 16,
  );
  const lefts = widths.map((_, column) => box.x + 8 + widths.slice(0, column).reduce((sum, width) => sum + width, 0));
  const line = (row: number): string =>
    path(`M${at(box.x + 4)} ${at(box.y + (row + 1) * rowHeight)}H${at(box.x + box.width - 4)}`, `stroke="${ink.line}"`);
  const parts = columns.flatMap(({ name }, column) => {
    const fill = overridden(panel, name, 'links') === undefined ? ink.text : ink.link;
    const place = { size, room: (widths[column] ?? 0) - 8 };
    return [
      text(lefts[column] ?? 0, box.y + 14, labels[column] ?? '', { ...place, weight: 600 }),
      ...(cells[column] ?? []).map((cell, row) =>
        text(lefts[column] ?? 0, box.y + 14 + (row + 1) * rowHeight, cell, { ...place, fill }),
      ),
    ];
  });
  const more = answer.rows.length - shown.length;
  const y = box.y + 14 + (shown.length + 1) * rowHeight;
  const rest = more > 0 ? text(box.x + 8, y, `and ${more} more`, { size, fill: ink.faint }) : '';
  return [...Array.from({ length: shown.length + 1 }, (_, row) => line(row)), ...parts, rest].join('');
}

function cellText(panel: Panel, column: string, cell: Cell): string {
  if (cell === null) return '';
  const unit = overridden(panel, column, 'unit');
  const decimals = overridden(panel, column, 'decimals');
  if (typeof cell === 'string' && /^\d{4}-\d\d-\d\dT/.test(cell)) return cell.slice(5, 19).replace('T', ' ');
  const isNumber = typeof cell === 'number' || (typeof cell === 'string' && /^-?\d+(\.\d+)?(e-?\d+)?$/.test(cell));
  if (!isNumber) return String(cell);
  return inUnit(
    Number(cell),
    typeof unit === 'string' ? unit : 'short',
    typeof decimals === 'number' ? decimals : undefined,
  );
}

const widest = (texts: readonly string[]): number => Math.max(40, ...texts.map((one) => widthOf(one, size) + 14));

/** What each column may have: all that it wants, or its share of the page. */
function shared(wanted: readonly number[], room: number): number[] {
  const total = wanted.reduce((sum, width) => sum + width, 0);
  if (total <= room) return wanted.map((width) => (width * room) / total);
  const fair = room / wanted.length;
  const small = wanted.filter((width) => width <= fair);
  const rest = (room - small.reduce((sum, width) => sum + width, 0)) / Math.max(1, wanted.length - small.length);
  return wanted.map((width) => (width <= fair ? width : rest));
}
