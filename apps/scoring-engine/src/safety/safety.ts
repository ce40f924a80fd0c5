import type { SafetyFinding } from '@signalpress/contracts';
import { fold, wordsOf } from '../text/words.js';
import { namesIn } from './names.js';

/** The rules that have a word list of their own. */
export const listedRules = ['person', 'brand', 'tragedy', 'insult'] as const;
export type ListedRule = (typeof listedRules)[number];

/** Every list; those after the rules are what names of persons are recognised with. One that cannot be used is a finding. */
export const listNames = [...listedRules, 'given-name', 'everyday-name', 'common-word'] as const;
export type ListName = (typeof listNames)[number];

/** The terms of each usable list; a list without an entry is not usable. */
export type WordLists = Readonly<Partial<Record<ListName, readonly string[]>>>;

/** A text to check, with how a person would call it. */
export interface CheckedText {
  readonly where: string;
  readonly text: string;
}

const maxFindings = 50;
const maxTerm = 100;
const reason: Record<ListedRule, string> = {
  person: 'names a person, who has a say in being printed',
  brand: 'names a brand, which may be protected',
  tragedy: 'speaks of suffering, crime or conflict, which nobody should wear as a joke',
  insult: 'contains an insult or coarse language',
};

const plainWords = /^[A-Za-z]+(?: [A-Za-z]+)*$/;

/** Words of a text as they are matched: folded, with one space on each side. */
function asWords(text: string): string {
  // Nearly every term is plain, and thousands of them are folded for each idea.
  return plainWords.test(text) ? ` ${text.toLowerCase()} ` : ` ${wordsOf(text).map(fold).join(' ')} `;
}

interface Haystack extends CheckedText {
  readonly words: string;
}

/** The finding of one listed term, in the first text that has it. */
function findingOf(rule: ListedRule, term: string, haystacks: readonly Haystack[]): SafetyFinding[] {
  const beginning = term.endsWith('*');
  const needle = beginning ? asWords(term).trimEnd() : asWords(term);
  const found = haystacks.find(({ words }) => words.includes(needle));
  if (found === undefined) return [];
  const from = found.words.indexOf(needle) + 1;
  const matched = found.words.slice(from, found.words.indexOf(' ', from + needle.length - 1));
  const name = (beginning ? matched : term).slice(0, maxTerm);
  return [{ rule, term: name, explanation: `“${name}” in the ${found.where} ${reason[rule]}.` }];
}

/** Names of persons that no list has, each once, in the first text that has it. */
function unlistedNames(
  texts: readonly CheckedText[],
  lists: WordLists,
  listed: readonly SafetyFinding[],
): SafetyFinding[] {
  const folded = (name: ListName): ReadonlySet<string> =>
    new Set((lists[name] ?? []).map((term) => asWords(term).trim()));
  const known = { given: folded('given-name'), everyday: folded('everyday-name'), common: folded('common-word') };
  const seen = listed.filter(({ rule }) => rule === 'person' || rule === 'brand').map(({ term }) => asWords(term));
  return texts.flatMap(({ where, text }) =>
    namesIn(text, known).flatMap((name): SafetyFinding[] => {
      const term = name.slice(0, maxTerm);
      const words = asWords(name);
      if (seen.some((other) => words.includes(other) || other.includes(words))) return [];
      seen.push(words);
      return [{ rule: 'person', term, explanation: `“${term}” in the ${where} looks like the name of a person.` }];
    }),
  );
}

/**
 * What a person has to look at before the wording is printed. Terms match whole words regardless of case, accents and
 * the possessive; a term that ends in `*` matches the beginning of a word. Names of persons are also guessed from spelling.
 * A missing list is a finding, because wording that was not checked is not wording that is safe.
 */
export function findingsIn(texts: readonly CheckedText[], lists: WordLists): SafetyFinding[] {
  const haystacks = texts.map((checked) => ({ ...checked, words: asWords(checked.text) }));
  const missing = listNames
    .filter((name) => lists[name] === undefined)
    .map((name): SafetyFinding => {
      return { rule: 'word-list-missing', term: name, explanation: `The word list ${name} cannot be read.` };
    });
  const listed = listedRules.flatMap((rule) => (lists[rule] ?? []).flatMap((term) => findingOf(rule, term, haystacks)));
  return [...missing, ...listed, ...unlistedNames(texts, lists, listed)].slice(0, maxFindings);
}
