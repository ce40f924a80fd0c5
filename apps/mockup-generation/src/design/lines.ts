/** Words that carry a phrase without being it; they are set small. */
const connectives = new Set(
  (
    'a an the of in on at to for and or but nor with is are was by from as be it its into onto over under above below ' +
    'between near per via your my our their & than that this'
  ).split(' '),
);

export const isConnective = (word: string): boolean => connectives.has(word.toLowerCase());

/** Words of a phrase; runs of white space count as one. */
export const wordsOf = (phrase: string): string[] =>
  phrase
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== '');

/**
 * Every way to break the words into consecutive lines. A phrase has at most 6 words in practice; more than 8 words are
 * first joined in pairs, so that the number of ways stays below 2⁷ = 128.
 */
export function lineBreaks(words: readonly string[]): string[][] {
  let units = [...words];
  while (units.length > 8) units = pairUp(units);
  if (units.length === 0) return [];
  const ways: string[][] = [];
  for (let mask = 0; mask < 2 ** (units.length - 1); mask += 1) {
    const lines: string[] = [];
    let line = units[0] ?? '';
    for (let index = 1; index < units.length; index += 1) {
      const unit = units[index] ?? '';
      if ((mask >> (index - 1)) & 1) {
        lines.push(line);
        line = unit;
      } else {
        line += ` ${unit}`;
      }
    }
    ways.push([...lines, line]);
  }
  return ways;
}

function pairUp(words: readonly string[]): string[] {
  const pairs: string[] = [];
  for (let index = 0; index < words.length; index += 2) pairs.push(words.slice(index, index + 2).join(' '));
  return pairs;
}

/** A line of nothing but connectives. */
export const isMinorLine = (line: string): boolean => wordsOf(line).every(isConnective);

/** The split of the words in two parts whose lengths are most alike; the first part is never only connectives. */
export function splitInTwo(words: readonly string[]): [string, string] {
  let best: [string, string] = [words.join(' '), ''];
  let bestGap = Number.POSITIVE_INFINITY;
  for (let at = 1; at < words.length; at += 1) {
    const head = words.slice(0, at).join(' ');
    const tail = words.slice(at).join(' ');
    const gap =
      Math.abs(head.length - tail.length) +
      (isMinorLine(head) || isMinorLine(tail) ? 100 : 0) +
      (isConnective(words[at - 1] ?? '') ? 6 : 0);
    if (gap < bestGap) [best, bestGap] = [[head, tail], gap];
  }
  return best;
}
