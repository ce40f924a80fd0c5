import { countWords } from './plain-text.js';

/** Why an item is not taken. The names are part of the HTTP contract; see the README. */
export type RejectionRule =
  'item-unreadable' | 'title-missing' | 'title-personal-data' | 'title-too-short' | 'title-not-text';

/** Fewer words say nothing that could be printed. */
const fewestWords = 3;

/**
 * The rule that a title breaks, or null.
 *
 * @param text the title as plain text
 * @param cleaned the same without personal data
 */
export function brokenRule(text: string, cleaned: string): RejectionRule | null {
  if (text === '') return 'title-missing';
  if (isNotText(text)) return 'title-not-text';
  if (countWords(cleaned) >= fewestWords) return null;
  return cleaned !== text && countWords(text) >= fewestWords ? 'title-personal-data' : 'title-too-short';
}

/** Fewer than half of what is visible are letters: figures, symbols, drawings out of characters. */
function isNotText(text: string): boolean {
  const visible = text.replace(/\s/g, '').length;
  const letters = text.match(/[\p{L}\p{M}]/gu)?.length ?? 0;
  return letters * 2 < visible;
}
