import type { Answer, Panel, Threshold } from './answers.ts';
import { at, ink, named, path, rect, text } from './svg.ts';
import type { Box } from './svg.ts';
import { inUnit } from './units.ts';

/** One number; its background says how it stands to its thresholds, where it has any. */
export function statPicture(panel: Panel, answers: readonly Answer[], box: Box): string {
  const bound = panel.transformations?.find(({ id }) => id === 'configFromData')?.options.configRefId;
  const shown = answers.find(({ refId }) => refId !== bound);
  const value = valueOf(shown);
  const { unit, noValue, thresholds } = panel.fieldConfig.defaults;
  const limit = valueOf(answers.find(({ refId }) => refId === bound));
  const steps: readonly Threshold[] = [
    ...(thresholds?.steps ?? []),
    ...(limit === undefined ? [] : [{ value: limit, color: 'red' }]),
  ];
  const label = value === undefined ? (noValue ?? 'No data') : inUnit(value, unit);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  if (steps.length < 2)
    return line(shown, box) + text(middle.x, middle.y + 12, label, { ...big(label, box), fill: ink.text });
  const fill = named[stepOf(steps, value)] ?? ink.panel;
  return rect(box, `fill="${fill}"`) + text(middle.x, middle.y + 12, label, { ...big(label, box), fill: '#ffffff' });
}

function big(label: string, { width }: Box): { size: number; anchor: 'middle'; weight: number } {
  return { size: Math.min(34, Math.floor(width / (label.length * 0.6))), anchor: 'middle', weight: 600 };
}

/** The first number of the answer; of series, the last one. */
function valueOf(answer: Answer | undefined): number | undefined {
  const last = answer?.series[0]?.points.at(-1)?.[1];
  if (last !== undefined) return last;
  const cell = answer?.rows[0]?.find((one) => one !== null && one !== '' && Number.isFinite(Number(one)));
  return cell === undefined ? undefined : Number(cell);
}

/** Colour of the highest step that the value has reached. */
function stepOf(steps: readonly Threshold[], value: number | undefined): string {
  const reached = steps.filter((step) => step.value === null || (value !== undefined && value > step.value - 1e-9));
  return reached.at(-1)?.color ?? 'green';
}

/** The course, behind the number. */
function line(answer: Answer | undefined, box: Box): string {
  const points = answer?.series[0]?.points ?? [];
  const most = Math.max(0, ...points.map(([, value]) => value));
  if (points.length < 2 || most === 0) return '';
  const x = (index: number): string => at(box.x + (index / (points.length - 1)) * box.width);
  const y = (value: number): string => at(box.y + box.height - (value / most) * box.height * 0.4);
  const tops = points.map(([, value], index) => `L${x(index)} ${y(value)}`).join('');
  const floor = at(box.y + box.height);
  return path(`M${x(0)} ${floor}${tops}L${x(points.length - 1)} ${floor}Z`, 'fill="#d6e4fb"');
}
