import type { SafetyFinding } from '@signalpress/contracts';
import { fold, wordsOf } from '../text/words.js';

/** The rules that have a word list; a list that cannot be used is a finding of its own. */
export const listedRules = ['person', 'brand', 'tragedy', 'insult'] as const;
export type ListedRule = (typeof listedRules)[number];

/** The terms of each usable list; a rule without an entry has no usable list. */
export type WordLists = Readonly<Partial<Record<ListedRule, readonly string[]>>>;

/** A text to check, with how a person would call it. */
export interface CheckedText {
  readonly where: string;
  readonly text: string;
}

const maxFindings = 50;
const reason: Record<ListedRule, string> = {
  person: 'names a person, who has a say in being printed',
  brand: 'names a brand, which may be protected',
  tragedy: 'speaks of suffering, which nobody should wear as a joke',
  insult: 'contains an insult',
};

/** Words of a text as they are matched: folded, with one space on each side. */
const asWords = (text: string): string => ` ${wordsOf(text).map(fold).join(' ')} `;

/**
 * What a person has to look at before the wording is printed. Terms match whole words regardless of case, accents and
 * the possessive. A missing list is a finding, because wording that was not checked is not wording that is safe.
 */
export function findingsIn(texts: readonly CheckedText[], lists: WordLists): SafetyFinding[] {
  const haystacks = texts.map(({ where, text }) => ({ where, words: asWords(text) }));
  const findings = listedRules.flatMap((rule): SafetyFinding[] => {
    const terms = lists[rule];
    if (terms === undefined) {
      return [{ rule: 'word-list-missing', term: rule, explanation: `The word list of rule ${rule} cannot be read.` }];
    }
    return terms.flatMap((term): SafetyFinding[] => {
      const needle = asWords(term);
      const found = haystacks.find(({ words }) => words.includes(needle));
      return found === undefined
        ? []
        : [
            {
              rule,
              term: term.slice(0, 100),
              explanation: `“${term.slice(0, 100)}” in the ${found.where} ${reason[rule]}.`,
            },
          ];
    });
  });
  return findings.slice(0, maxFindings);
}
