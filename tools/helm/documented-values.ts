/** One value of the chart, as values.yaml tells it. */
export interface DocumentedValue {
  /** E.g. `['events', 'kafka', 'brokers']` */
  readonly path: readonly string[];
  /** The comment above it, as one line; empty where there is none. */
  readonly comment: string;
}

/** What is documented as a whole, whatever is in it. */
const wholes = /(?:^|\.)(?:resources|metricsFrom|dnsTo|TIMESCALEDB_PASSWORD)$/;

const line = /^(?<indent> *)(?:# ?(?<comment>.*)|(?<key>[\w-]+):(?<value>.*))$/;

/**
 * Reads the comments of values.yaml by its lines: that of a key is what stands right above it, as deep as the key.
 *
 * @returns the values that hold no further keys, in their order.
 */
export function documentedValues(text: string): DocumentedValue[] {
  const all: { path: string[]; comment: string }[] = [];
  const parents: string[] = [];
  let comments: string[] = [];
  for (const { groups } of text.split('\n').map((each) => line.exec(each) ?? { groups: undefined })) {
    const { indent = '', comment, key } = groups ?? {};
    if (comment !== undefined) comments.push(comment);
    else {
      if (key !== undefined) {
        parents.length = indent.length / 2;
        parents.push(key);
        all.push({ path: [...parents], comment: comments.join(' ') });
      }
      comments = [];
    }
  }
  const isInside = (path: string[], outer: string[]) =>
    path.length > outer.length && outer.every((part, index) => path[index] === part);
  const whole = all.filter(({ path }) => wholes.test(path.join('.')));
  return all
    .filter(({ path }) => !whole.some((other) => isInside(path, other.path)))
    .filter(({ path }, _, rest) => !rest.some((other) => isInside(other.path, path)));
}
