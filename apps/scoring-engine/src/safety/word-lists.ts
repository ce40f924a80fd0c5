import { readFile } from 'node:fs/promises';
import type { Logger } from '@signalpress/observability';
import { z } from 'zod';
import { fold, wordsOf } from '../text/words.js';
import { listNames } from './safety.js';
import type { ListName, WordLists } from './safety.js';

/** A word list as it is kept in a file; who made it, when, and under which licence is part of the list. */
export const wordListFile = z.object({
  source: z.string().min(1),
  date: z.iso.date(),
  licence: z.string().min(1),
  terms: z
    .array(
      z
        .string()
        .max(100)
        .refine((term) => wordsOf(term).map(fold).join('') !== '', { error: 'a term has a letter or a digit' }),
    )
    .min(1)
    .max(10_000),
});

const fileOf: Record<ListName, string> = {
  person: 'persons.json',
  brand: 'brands.json',
  tragedy: 'tragedies.json',
  insult: 'insults.json',
  'given-name': 'given-names.json',
  'everyday-name': 'everyday-names.json',
  'common-word': 'common-words.json',
};

/** The word lists of a directory. A list that was good stays; one that was not is looked for again at every request. */
export class WordListFiles {
  private readonly good = new Map<ListName, readonly string[]>();

  constructor(
    private readonly directory: URL,
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** Every usable list. A missing, unreadable or invalid one is left out and logged; it never throws. */
  async current(): Promise<WordLists> {
    const missing = listNames.filter((name) => !this.good.has(name));
    await Promise.all(missing.map(async (name) => await this.load(name)));
    return Object.fromEntries(this.good);
  }

  private async load(name: ListName): Promise<void> {
    const file = new URL(fileOf[name], this.directory);
    try {
      const content: unknown = JSON.parse(await readFile(file, 'utf8'));
      this.good.set(name, wordListFile.parse(content).terms);
    } catch (error) {
      this.logger.error('word list unusable: ideas are held until it is back', error, {
        list: name,
        file: file.pathname,
      });
    }
  }
}
