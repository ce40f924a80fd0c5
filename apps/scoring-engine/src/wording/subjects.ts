import { contentWords, fold, isContentWord, stem, wordsOf } from '../text/words.js';
import { formOf, headRank, isAgent, looksPlural, mayDescribe } from './grammar.js';
import type { Form } from './grammar.js';

/** What wording is made from: the texts of an idea's signals, the founding one first. */
export interface SourceText {
  readonly title: string;
  readonly summary: string;
  readonly topics: readonly string[];
}

/** One or two words that can stand where a slogan needs a noun. */
export interface Subject {
  readonly words: readonly string[];
  readonly form: Form;
}

interface Candidate extends Subject {
  readonly rank: number;
  readonly position: number;
}

/** What the summary or a topic speaks of too is what the text is about. */
const supportBonus = 0.5;
const pairBonus = 0.6;
/** A word in front of a noun belongs to that noun. */
const modifierPenalty = -0.6;
const verbPenalty = -1.2;
/** A topic that can stand alone is better than a lone noun that cannot, and worse than the thing the title speaks of. */
const topicRank = { bare: 1.05, modifier: 0.8 } as const;
const maxSubjects = 8;

function titleCandidates({ title, summary, topics }: SourceText): Candidate[] {
  const support = new Set([...contentWords(summary), ...topics.flatMap(contentWords)].map(stem));
  const shouted = title === title.toUpperCase();
  // "hand-drawn" is a quality more often than a thing; a stop word keeps its place.
  const text = title.replace(/’/g, "'").replace(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)+/gu, 'very');
  const words = wordsOf(shouted ? text.toLowerCase() : text);
  const folded = words.map(fold);
  const sentenceCase = words.filter((word) => /^\p{Lu}/u.test(word)).length <= words.length / 2;
  const describes = words.map((word, i) =>
    mayDescribe({ word, before: folded[i - 1], after: folded[i + 1], sentenceCase }),
  );
  return words.flatMap((word, position): Candidate[] => {
    const head = folded[position] ?? '';
    const rank = describes[position] === true ? headRank(head) : undefined;
    if (rank === undefined) return [];
    const form = formOf(head);
    const before = folded[position - 1] ?? '';
    const verb = looksLikeVerb(position, folded, describes) ? verbPenalty : 0;
    const followed = verb + (describes[position + 1] === true && !looksPlural(head) ? modifierPenalty : 0);
    if (isAgent(head)) return [{ words: [word], form, rank: rank + followed, position }];
    const supported = rank + followed + (support.has(stem(head)) ? supportBonus : 0);
    const alone = { words: [word], form, rank: supported, position };
    // "rain gutters" is one thing; "gardeners strawberries" is not: in English the noun in front is singular.
    if (describes[position - 1] !== true || looksPlural(before) || before.endsWith('ing')) return [alone];
    const inRun = describes[position - 2] === true ? modifierPenalty : 0;
    const pair = [words[position - 1] ?? '', word];
    return [alone, { words: pair, form, rank: supported + pairBonus + inRun, position }];
  });
}

/** "Case puts spotlight on": an s after the first noun phrase and before another one is more often a verb's. */
function looksLikeVerb(position: number, folded: readonly string[], describes: readonly boolean[]): boolean {
  const follows = position > 0 && describes.slice(0, position).every(Boolean) && describes[position + 1] === true;
  return follows && looksPlural(folded[position] ?? '') && !looksPlural(folded[position - 1] ?? '');
}

function topicCandidates({ topics }: SourceText): Candidate[] {
  return topics.flatMap((topic, index): Candidate[] => {
    const words = wordsOf(topic.replace(/’/g, "'"));
    const context = { before: undefined, after: undefined, sentenceCase: false };
    if (words.length === 0 || words.length > 2 || !words.every((word) => mayDescribe({ word, ...context }))) return [];
    if (!words.some((word) => isContentWord(fold(word)))) return [];
    const form = formOf(fold(words.at(-1) ?? ''));
    return [{ words, form, rank: topicRank[form], position: 1_000 + index }];
  });
}

/** Subjects of an idea, the best first, at most eight; empty when its texts hold no word that can be printed. */
export function subjectsOf(sources: readonly SourceText[]): Subject[] {
  const candidates = sources.flatMap((source) => [...titleCandidates(source), ...topicCandidates(source)]);
  const ranked = candidates.sort((a, b) => b.rank - a.rank || a.position - b.position || compare(a, b));
  const seen = new Set<string>();
  const distinct = ranked.filter(({ words }) => {
    const name = words.map(fold).join(' ');
    return !seen.has(name) && Boolean(seen.add(name));
  });
  return distinct.slice(0, maxSubjects).map(({ words, form }) => ({ words, form }));
}

const compare = (a: Subject, b: Subject): number => (a.words.join(' ') < b.words.join(' ') ? -1 : 1);
