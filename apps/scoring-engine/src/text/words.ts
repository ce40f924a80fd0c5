/** English words that carry grammar rather than meaning, and the newsroom's filler. Other languages keep all their words. */
const stopWords = new Set(
  `a about above across after again against all almost along already also although always am among an and another any
  anyone anything are around as at away back be became because become becomes been before began begin behind being below
  between both but by came can cannot come comes could did do does doing done down during each either else enough etc
  even ever every everyone everything few first for found from full further gave get gets getting give gives go goes
  going gone got had has have having he her here hers herself him himself his how however i if in into is it its itself
  just keep keeps last least less let like likely long lot made make makes making many may maybe me might mine more most
  much must my myself near need needs never new next no nobody none nor not nothing now of off often old on once one only
  onto or other others our ours out over own per perhaps put quite rather really said same say says see seem seems seen
  several shall she should show shows since so some someone something soon still such take takes taking than that the
  their theirs them themselves then there these they thing things this those though through thus to today together
  tomorrow too took toward towards turn turned turning turns two under until up upon us use used uses using very want
  wants was way ways we well went were what when where whether which while who whole whom whose why will with within
  without would yesterday yet you your yours yourself three four five six seven eight nine ten hundred thousand million
  year years month months week weeks day days hour hours time times people person report reports reported according
  story news update`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const wordPattern = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;

/** The words of a text in order, as they are written; apostrophes inside a word belong to it. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFC').match(wordPattern) ?? [];
}

/** Lower case, straight apostrophes, without accents and without the possessive: the form in which words are compared. */
export function fold(word: string): string {
  return word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/'s$/, '')
    .replace(/'/g, '');
}

/** Whether a folded word says something about the subject. */
export function isContentWord(folded: string): boolean {
  return folded.length > 1 && !stopWords.has(folded) && !/^\d+$/.test(folded);
}

/** Folded words of a text that carry meaning, in order, repeats included. */
export function contentWords(text: string): string[] {
  return wordsOf(text).map(fold).filter(isContentWord);
}

const endings: readonly (readonly [RegExp, string])[] = [
  [/ies$/, 'y'],
  [/(ss|us|is)$/, '$1'],
  [/(ch|sh|x|z|ss)es$/, '$1'],
  [/s$/, ''],
];
const derivations = /(ings?|ers?|ed|ly)$/;

/**
 * A light stem for comparing words, never for printing: plural first, then one of the endings that English puts on
 * nouns and verbs, when at least four letters are left. `gardeners` and `gardening` become `garden`.
 */
export function stem(folded: string): string {
  if (folded.length < 4) return folded;
  const [ending, replacement] = endings.find(([pattern]) => pattern.test(folded)) ?? [/$/, ''];
  const singular = folded.replace(ending, replacement);
  const root = singular.replace(derivations, '');
  const short = root.length >= 4 ? root : singular;
  // Doubled consonants and a silent e are spelling, not meaning: knitt(ing) and knit, bak(ing) and bake.
  return short.replace(/([bdgklmnprt])\1$/, '$1').replace(/(?<=...)e$/, '');
}

/** Distinct stems of the words that carry meaning, sorted, so that equal texts give equal lists. */
export function stems(text: string): string[] {
  return [...new Set(contentWords(text).map(stem))].sort();
}
