/** One line of a scrape that carries a value. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly at: number;
  };
}

export interface ParsedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ParsedSample[];
}

const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/;
const labelSet = new RegExp(`\\{(?:${label.source}(?:,${label.source})*)?\\}`).source.replaceAll(/\((?!\?)/g, '(?:');
const number = '[-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN';
const sampleLine = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)(${labelSet})? (${number})(?: # (${labelSet}) (${number}) ([0-9.]+))?$`,
);

/**
 * Reads either text format, as strictly as the formats are: anything else, a family that comes twice, a sample outside of its
 * family or a series that comes twice throws.
 */
export function parseExposition(text: string, format: 'prometheus' | 'openmetrics'): Map<string, ParsedFamily> {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line does not end');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no EOF');
  const families = new Map<string, ParsedFamily & { samples: ParsedSample[] }>();
  const seen = new Set<string>();
  let current: { name: string; help: string; type: string; samples: ParsedSample[] } | undefined;
  for (const line of lines) {
    const help = /^# HELP ([a-zA-Z0-9_:]+) (.*)$/s.exec(line);
    const type = /^# TYPE ([a-zA-Z0-9_:]+) (counter|gauge|histogram|summary)$/.exec(line);
    if (help) {
      current = { name: help[1]!, help: unescape(help[2]!, format === 'openmetrics'), type: '', samples: [] };
      if (families.has(current.name)) throw new Error(`${current.name} comes twice`);
      families.set(current.name, current);
    } else if (type) {
      if (current?.name !== type[1]) throw new Error(`TYPE without HELP: ${line}`);
      current!.type = type[2]!;
    } else {
      const sample = parseSample(line);
      if (!current || !belongs(sample.name, current, format)) throw new Error(`outside of its family: ${line}`);
      const key = line.slice(0, line.lastIndexOf('}') + 1) || sample.name;
      if (sample.exemplar === undefined && seen.has(key)) throw new Error(`comes twice: ${line}`);
      seen.add(key);
      current.samples.push(sample);
    }
  }
  return families;
}

function belongs(name: string, family: { name: string; type: string }, format: string): boolean {
  if (family.type === 'counter') return name === (format === 'openmetrics' ? `${family.name}_total` : family.name);
  if (family.type === 'histogram') return ['_bucket', '_sum', '_count'].some((end) => name === family.name + end);
  return name === family.name;
}

function parseSample(line: string): ParsedSample {
  const [, name, labels, value, exemplarLabels, exemplarValue, at] = sampleLine.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${JSON.stringify(line)}`);
  return {
    name,
    labels: parseLabels(labels ?? ''),
    value: toNumber(value!),
    ...(exemplarLabels === undefined
      ? {}
      : { exemplar: { labels: parseLabels(exemplarLabels), value: toNumber(exemplarValue!), at: Number(at) } }),
  };
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(new RegExp(label, 'g'))].map(([, name, value]) => [name!, unescape(value!, true)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function unescape(text: string, quotes: boolean): string {
  const escapes = quotes ? /\\(["\\n])/g : /\\([\\n])/g;
  return text.replaceAll(escapes, (_, character: string) => (character === 'n' ? '\n' : character));
}
