interface Scale {
  readonly from: number;
  readonly divisor: number;
  readonly suffix: string;
}

const seconds: readonly Scale[] = [
  { from: 86_400, divisor: 86_400, suffix: ' d' },
  { from: 3_600, divisor: 3_600, suffix: ' h' },
  { from: 60, divisor: 60, suffix: ' min' },
  { from: 1, divisor: 1, suffix: ' s' },
  { from: 0.001, divisor: 0.001, suffix: ' ms' },
  { from: 0, divisor: 0.000_001, suffix: ' µs' },
];
const bytes: readonly Scale[] = [
  { from: 1_024 ** 3, divisor: 1_024 ** 3, suffix: ' GiB' },
  { from: 1_024 ** 2, divisor: 1_024 ** 2, suffix: ' MiB' },
  { from: 1_024, divisor: 1_024, suffix: ' KiB' },
  { from: 0, divisor: 1, suffix: ' B' },
];
const counts: readonly Scale[] = [
  { from: 1_000_000, divisor: 1_000_000, suffix: ' M' },
  { from: 1_000, divisor: 1_000, suffix: ' K' },
  { from: 0, divisor: 1, suffix: '' },
];
const rates: Readonly<Record<string, string>> = { ops: ' ops/s', reqps: ' req/s' };

/** A number as a person reads it, in the units that the dashboards use. */
export function inUnit(value: number, unit: string | undefined, decimals?: number): string {
  if (value === 0 && unit === 's') return '0 s';
  if (unit === 'percentunit') return `${rounded(value * 100, decimals)}%`;
  const scales = unit === 's' ? seconds : unit === 'bytes' ? bytes : counts;
  const scale = scales.find(({ from }) => Math.abs(value) >= from) ?? counts[2];
  if (unit === 'none' || scale === undefined) return String(value);
  return `${rounded(value / scale.divisor, decimals)}${scale.suffix}${rates[unit ?? ''] ?? ''}`;
}

/** Three figures, unless so many decimals are asked for. */
function rounded(value: number, decimals: number | undefined): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  return String(Number(Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)));
}
