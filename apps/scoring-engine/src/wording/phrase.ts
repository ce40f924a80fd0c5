import { createHash } from 'node:crypto';
import { fold, wordsOf } from '../text/words.js';
import type { SourceText, Subject } from './subjects.js';
import { subjectsOf } from './subjects.js';
import { templatesFor, wordless } from './templates.js';
import type { Template } from './templates.js';

export const maxPhraseWords = 6;
/** More words in a row than this would be the source's sentence and not ours. */
export const maxWordsInARow = 4;
const maxPhraseLength = 60;

const minorWords = new Set([
  'a',
  'an',
  'and',
  'as',
  'at',
  'by',
  'for',
  'from',
  'in',
  'is',
  'of',
  'on',
  'or',
  'the',
  'to',
  'with',
]);

/** A number that depends on the texts of `parts` alone: a choice that looks free and is always the same. */
export function choice(parts: readonly string[], options: number): number {
  return createHash('sha256').update(parts.join('\n')).digest().readUInt32BE(0) % options;
}

/** Length of the longest run of words of `phrase` that stands in `source` in the same order without a gap. */
export function longestRun(phrase: string, source: string): number {
  const ours = wordsOf(phrase).map(fold);
  const theirs = wordsOf(source).map(fold);
  let longest = 0;
  for (let i = 0; i < ours.length; i += 1) {
    for (let j = 0; j < theirs.length; j += 1) {
      let length = 0;
      while (i + length < ours.length && ours[i + length] === theirs[j + length]) length += 1;
      longest = Math.max(longest, length);
    }
  }
  return longest;
}

function titleCase(text: string): string {
  const words = text.split(' ');
  const capitalised = words.map((word, index) => {
    if (index > 0 && index < words.length - 1 && minorWords.has(word.toLowerCase())) return word.toLowerCase();
    const acronym = /^[A-Z]{2,4}$/.test(word);
    return acronym ? word : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
  });
  return capitalised.join(' ');
}

const fill = (template: Template, { words }: Subject): string =>
  titleCase(template.text.replace('{}', words.join(' ')));

/** A subject's own words must not repeat the slogan's: "Curious About Curious Cats". */
function repeats(phrase: string): boolean {
  const words = wordsOf(phrase).map(fold);
  return new Set(words).size < words.length;
}

/**
 * The slogan of an idea: at most six words, at most four of them in a row from any source title, title case, characters
 * that the print fonts have. A subject from the texts is put into a slogan of our own; which one follows from the idea's
 * id, so that the same idea always gets the same phrase. Never empty.
 */
export function phraseOf(ideaId: string, sources: readonly SourceText[]): string {
  const allowed = (phrase: string): boolean =>
    phrase.length <= maxPhraseLength &&
    phrase.split(' ').length <= maxPhraseWords &&
    !repeats(phrase) &&
    sources.every(({ title }) => longestRun(phrase, title) <= maxWordsInARow);
  const { fitting, anywhere } = templatesFor(sources.flatMap(({ topics }) => topics));
  for (const subject of subjectsOf(sources)) {
    for (const templates of [fitting, anywhere]) {
      const phrase = rotated(templates, ideaId)
        .filter(({ form }) => form === subject.form)
        .map((template) => fill(template, subject))
        .find(allowed);
      if (phrase !== undefined) return phrase;
    }
  }
  // Four words cannot hold five in a row.
  return wordless[choice([ideaId, 'wordless'], wordless.length)] ?? 'Ask Me About Today';
}

function rotated<T>(items: readonly T[], ideaId: string): T[] {
  if (items.length === 0) return [];
  const start = choice([ideaId, 'phrase'], items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
