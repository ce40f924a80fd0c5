import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fold } from '../text/words.js';
import { namesIn } from './names.js';
import { wordListFile } from './word-lists.js';

function shipped(name: string): ReadonlySet<string> {
  const file = readFileSync(new URL(`../../word-lists/${name}.json`, import.meta.url), 'utf8');
  return new Set(wordListFile.parse(JSON.parse(file)).terms.map(fold));
}

const known = {
  given: shipped('given-names'),
  everyday: shipped('everyday-names'),
  common: shipped('common-words'),
};

describe('names of persons', () => {
  it.each([
    ['A pond for Matilda Okonjo, who counts newts', 'Matilda Okonjo'],
    ['Matilda Okonjo Counts Newts', 'Matilda Okonjo'],
    ['MATILDA OKONJO COUNTS NEWTS', 'MATILDA OKONJO'],
    ['Neighbours thank Jean-Luc Ferrand for the bench', 'Jean Luc Ferrand'],
    ['Ludwig van Hoorn tunes the village organ', 'Ludwig van Hoorn'],
    ['Margaret J. Ollerton bakes for the fair', 'Margaret J Ollerton'],
    ['Zoë Ångström’s hats are back', 'Zoë Ångström'],
    ['Mark Oduya wins the marrow contest', 'Mark Oduya'],
    ['The fair thanks Grace Baker', 'Grace Baker'],
  ])('a given name and a surname: "%s"', (text, name) => expect(namesIn(text, known)).toEqual([name]));

  it.each([
    ['Prize-winning director Tove Quillfeather plants a hedge', 'Tove Quillfeather'],
    ['The former singer Odalys Brandreth keeps bees', 'Odalys Brandreth'],
    ['Bees swarm around minister Brandreth', 'Brandreth'],
    ['Dr. Quillfeather answers questions about moss', 'Quillfeather'],
  ])('a title or an occupation and a name: "%s"', (text, name) => expect(namesIn(text, known)).toEqual([name]));

  it('an unknown owner inside a sentence', () => {
    expect(namesIn("Guests praise Lindqvist's apple cake", known)).toEqual(['Lindqvist']);
    expect(namesIn("Lindqvist's apple cake is praised", known)).toEqual([]);
    expect(namesIn("Guests Praise Lindqvist's Apple Cake", known)).toEqual([]);
  });

  it('each name once, with all its parts', () => {
    expect(namesIn('Matilda Anne Okonjo once met Paul Hedgerow at a pond; later Paul Hedgerow waved', known)).toEqual([
      'Matilda Anne Okonjo',
      'Paul Hedgerow',
    ]);
  });

  it.each([
    'Will Britain run out of marmalade?',
    'May in Japan and June on Monday',
    'Rose gardens, lily ponds and a robin in a helmet',
    'Grace Wins Basil Plant at Harvest Festival',
    'Crochet with Emma Every Sunday',
    'Adam and Eve apple trees',
    'Boats race on Lake Victoria while San Antonio cooks',
    "Bakers in London's oldest mill open on Saturday's market",
    "It is Grandma's Secret Soup Recipe",
    'Director of the zoo counts penguins, coach trips are back',
    'Star charts, model trains and queen bees',
    'A choir sings in Paul’s shed by St John’s wort',
    'Official Chess Committee',
    'The Great Pumpkin Race Returns',
    '日本の猫',
    '',
  ])('nobody in "%s"', (text) => expect(namesIn(text, known)).toEqual([]));

  it('does not join words across punctuation', () => {
    expect(namesIn('Cake for Emma. Leftovers for Paul, Quillfeather and me', known)).toEqual([]);
  });
});
