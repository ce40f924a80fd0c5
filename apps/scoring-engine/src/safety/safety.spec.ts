import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findingsIn, listNames } from './safety.js';
import { wordListFile, WordListFiles } from './word-lists.js';

const shipped = new URL('../../word-lists/', import.meta.url);
const lists = {
  person: ['Ada Lovelace'],
  brand: ['Levi’s', 'Acme 9/11'],
  tragedy: ['flash flood'],
  insult: ['Blödmann', 'muddl*'],
  'given-name': ['Tilde'],
  'everyday-name': ['Rose'],
  'common-word': ['Monday'],
};
const findings = (text: string) => findingsIn([{ where: 'title', text }], lists).map(({ rule, term }) => [rule, term]);

describe('safety findings', () => {
  it.each([
    ['ADA LOVELACE stamps are out', 'person', 'Ada Lovelace'],
    ['A letter in Ada Lovelace’s hand', 'person', 'Ada Lovelace'],
    ['Old levis, new bags: Levi’s quilts', 'brand', 'Levi’s'],
    ['The flash-flood that took the fair', 'tragedy', 'flash flood'],
    ['So ein BLODMANN', 'insult', 'Blödmann'],
    ['acme 9 11 returns', 'brand', 'Acme 9/11'],
    ['Half-Muddled by noon', 'insult', 'muddled'],
    ['A mill for Tilde Marquardt', 'person', 'Tilde Marquardt'],
  ])('finds in "%s" the %s %s', (text, rule, term) => expect(findings(text)).toContainEqual([rule, term]));

  it.each(['Adam Lovelacey', 'flash floodlight', 'Ada met Lovelace', 'bemuddled', ''])(
    'finds nothing in "%s"',
    (text) => {
      expect(findings(text)).toEqual([]);
    },
  );

  it('does not read across the end of a text', () => {
    const texts = [
      { where: 'title', text: 'Ada' },
      { where: 'summary', text: 'Lovelace' },
    ];
    expect(findingsIn(texts, lists)).toEqual([]);
  });

  it('names each term once, with the text it was found in', () => {
    const texts = [
      { where: 'title', text: 'Ada Lovelace' },
      { where: 'summary', text: 'Ada Lovelace again' },
    ];
    expect(findingsIn(texts, lists)).toEqual([
      {
        rule: 'person',
        term: 'Ada Lovelace',
        explanation: '“Ada Lovelace” in the title names a person, who has a say in being printed.',
      },
    ]);
  });

  it('says of a guessed name that it is a guess, and does not repeat a name that is listed', () => {
    const texts = [
      { where: 'title', text: 'The painter Ada Lovelace Marsh and the singer Tilde Marquardt meet' },
      { where: 'summary', text: 'Tilde Marquardt sang.' },
    ];
    expect(findingsIn(texts, lists).map(({ explanation }) => explanation)).toEqual([
      '“Ada Lovelace” in the title names a person, who has a say in being printed.',
      '“Tilde Marquardt” in the title looks like the name of a person.',
    ]);
  });

  it('blocks when a list is missing', () => {
    const { brand, ...rest } = lists;
    expect(brand).toHaveLength(2);
    expect(findingsIn([{ where: 'title', text: 'Owls' }], rest)).toEqual([
      { rule: 'word-list-missing', term: 'brand', explanation: 'The word list brand cannot be read.' },
    ]);
  });
});

describe('word list files', () => {
  const ruleFiles = ['persons', 'brands', 'tragedies', 'insults'];
  const reported: string[] = [];
  const logger = { error: (message: unknown): void => void reported.push(String(message)) };

  it('ship with source, date and licence, sorted and without repeats', async () => {
    for (const name of [...ruleFiles, 'given-names', 'everyday-names', 'common-words']) {
      const file = wordListFile.parse(JSON.parse(await readFile(new URL(`${name}.json`, shipped), 'utf8')));
      expect(file.licence).toBe('CC0-1.0');
      expect(file.terms.length).toBeGreaterThan(100);
      expect(new Set(file.terms.map((term) => term.toLowerCase())).size).toBe(file.terms.length);
    }
  });

  it('find well-known names, and leave everyday headlines alone', async () => {
    const all = await new WordListFiles(shipped, logger).current();
    expect(Object.keys(all).sort()).toEqual([...listNames].sort());
    const rules = (text: string) => findingsIn([{ where: 'title', text }], all).map(({ rule }) => rule);
    expect(rules('Taylor Swift fans trade bracelets')).toEqual(['person']);
    expect(rules('A Lego castle built from Nike boxes')).toEqual(['brand', 'brand']);
    expect(rules('Earthquake victims mourned')).toContain('tragedy');
    expect(rules('Only an idiot irons socks')).toEqual(['insult']);
  });

  it.each([
    ['Smugglers hid brandy under the mill', 'tragedy'],
    ['Farm hands were enslaved for years', 'tragedy'],
    ['Trafficking ring broken up', 'tragedy'],
    ['Bakery owner jailed for fraud', 'tragedy'],
    ['Racist letter sent to a choir', 'tragedy'],
    ['Governor resigns over a conflict of interest', 'tragedy'],
    ['Protesters camp outside the town hall', 'tragedy'],
    ['Measles outbreak closes a school', 'tragedy'],
    ['Rising seas threaten a harbour', 'tragedy'],
    ['Flüchtlinge bauen ein Boot', 'tragedy'],
    ['A guidebook full of bullshitting', 'insult'],
    ['Oscar-winning film shot in a shed', 'brand'],
  ])('hold "%s" for %s', async (text, rule) => {
    const all = await new WordListFiles(shipped, logger).current();
    expect(findingsIn([{ where: 'title', text }], all).map((finding) => finding.rule)).toContain(rule);
  });

  it.each([
    'Apple pie, rain gutters, shooting stars and ugly pumpkins',
    'Warm wardrobes, traffic cones and skilled joiners',
    'Seed bombs, tote bags, hearing aids and a hot glue gun',
    'Brutalist cakes are a guilty pleasure',
    'Explorers of cheese, executives of jam',
    'Guerrilla knitters leave the beaten path',
    'Chess in the park draws hundreds',
    'Ein Dorf strickt Mützen für seine Laternen',
  ])('leave "%s" alone', async (text) => {
    const all = await new WordListFiles(shipped, logger).current();
    expect(findingsIn([{ where: 'title', text }], all)).toEqual([]);
  });

  it('leave out a list that is missing or broken, say so, and take it once it is there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'word-lists-'));
    const content = { source: 'a spec', date: '2026-05-01', licence: 'CC0-1.0', terms: ['Owl'] };
    const write = (name: string, text: string) => writeFile(join(directory, name), text);
    await write('persons.json', JSON.stringify(content));
    await write('brands.json', '{');
    await write('tragedies.json', JSON.stringify({ ...content, licence: '' }));
    const files = new WordListFiles(pathToFileURL(`${directory}/`), logger);
    expect(await files.current()).toEqual({ person: ['Owl'] });
    expect(reported).toEqual(Array(6).fill('word list unusable: ideas are held until it is back'));

    for (const name of ['brands', 'tragedies', 'insults', 'given-names', 'everyday-names', 'common-words']) {
      await write(`${name}.json`, JSON.stringify(content));
    }
    expect(Object.keys(await files.current())).toHaveLength(listNames.length);
  });
});
