import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FeedEntry } from '../feeds/feed.types.js';
import { KeyedHash } from '../privacy/keyed-hash.js';
import { canonicalUrl } from './canonical-url.js';
import { normalise } from './draft.js';
import type { Draft, RejectedEntry } from './draft.js';
import { countWords, plainText, shortened } from './plain-text.js';

const capturedAt = new Date('2026-05-04T12:00:00Z');
const context = {
  source: 'feed:test',
  site: 'https://garden.example/',
  capturedAt,
  hash: new KeyedHash('a key of this test'),
};
const entry: FeedEntry = {
  externalId: 'item-1',
  title: 'Balcony gardeners grow strawberries',
  summary: null,
  link: '/strawberries',
  topics: [],
  author: null,
  published: null,
  engagement: null,
};
const draftOf = (changes: Partial<FeedEntry>): Draft => {
  const result = normalise({ ...entry, ...changes }, context);
  if ('rule' in result) throw new Error(`rejected by ${result.rule}`);
  return result;
};

describe('plainText', () => {
  it.each([
    ['<p>One</p><p>two &amp; three</p>', 'One two & three'],
    ['19<b>30</b>ft<sup>2</sup> &#x0024;4300', '1930ft2 $4300'],
    ['I <3 tea, 2 < 3', 'I <3 tea, 2 < 3'],
    ['a<script>alert("x")</script>b<!-- no -->c', 'a b c'],
    ['\u0000 spaced\n\tout\u00A0 \u202Ereversed', 'spaced out reversed'],
    ['broken \uD800 half', 'broken half'],
    ['<img src="x" alt="y"', '<img src="x" alt="y"'],
  ])('%j → %j', (html, text) => {
    expect(plainText(html)).toBe(text);
  });

  it('never leaves control characters, runs of spaces or half characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).not.toMatch(/\p{Cc}|\s\s|\p{Surrogate}/u);
      }),
    );
  });

  it('shortens between words, to what was asked for at most', () => {
    expect(shortened('one two three', 9)).toBe('one two…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 2, max: 50 }), (text, length) => {
        expect(shortened(text, length).length).toBeLessThanOrEqual(length);
      }),
    );
  });

  it('counts words in scripts without spaces too', () => {
    expect(countWords('ベランダでイチゴを育てる')).toBeGreaterThan(3);
    expect(countWords('— ! … 🍓')).toBe(0);
  });
});

describe('canonicalUrl', () => {
  it.each([
    ['https://a.example/p?utm_source=x&id=7&fbclid=y#part', 'https://a.example/p?id=7'],
    ['HTTPS://A.example:443/p', 'https://a.example/p'],
    ['/p', 'https://garden.example/p'],
    ['https://a.example/p?session_token=s3cr3t&page=2', 'https://a.example/p?page=2'],
    ['https://anna:hunter2@a.example/p', 'https://a.example/p'],
    ['https://a.example/p?who=anna@garden.example', 'https://a.example/p'],
    ['https://a.example/p/6186664607.html', 'https://a.example/p/6186664607.html'],
    ['https://social.example/@fern_friend/1', null],
    ['https://a.example/anna%40garden.example', null],
    ['https://a.example/user/potter_jo', null],
  ])('%s is shown as %s', (url, shown) => {
    expect(canonicalUrl(url, 'https://garden.example/')?.shown).toBe(shown);
  });

  it('sees through scheme, tracking, fragment and order of parameters', () => {
    const identity = canonicalUrl('https://a.example/p?b=2&a=1')?.identity;
    expect(canonicalUrl('http://a.example/p?a=1&utm_medium=mail&b=2#x')?.identity).toBe(identity);
    expect(canonicalUrl('https://a.example/p?a=1&b=3')?.identity).not.toBe(identity);
  });

  it.each(['javascript:alert(1)', 'mailto:anna@garden.example', 'relative', 'https://', 'ftp://a.example/'])(
    'refuses %s',
    (url) => {
      expect(canonicalUrl(url)).toBeNull();
    },
  );
});

describe('normalise', () => {
  it.each([
    [null, 'title-missing'],
    ['  <b> </b>&nbsp;', 'title-missing'],
    ['Two words', 'title-too-short'],
    ['*** >>> 50 % <<< ***', 'title-not-text'],
    ['Contact: seeds.exchange@garden-swap.example', 'title-personal-data'],
    ['🍓🍓🍓', 'title-not-text'],
  ])('rejects the title %j by %s', (title, rule) => {
    const result = normalise({ ...entry, title }, context) as RejectedEntry;
    expect(result.rule).toBe(rule);
    expect(JSON.stringify(result)).not.toContain('@');
  });

  it('believes a date only within reason', () => {
    const published = (iso: string) => draftOf({ published: new Date(iso) }).publishedAt;
    expect(published('2026-05-04T08:00:00Z')).toEqual(new Date('2026-05-04T08:00:00Z'));
    expect(published('2026-05-05T08:00:00Z')).toEqual(capturedAt);
    expect(published('2026-05-06T08:00:00Z')).toBeNull();
    expect(published('1970-01-01T00:00:00Z')).toBeNull();
  });

  it('keeps topics short, distinct and free of handles', () => {
    const topics = ['Gardening', 'gardening ', '@fern_friend', 'x'.repeat(61), '<i>Balcony</i> &amp; more', ''];
    expect(draftOf({ topics }).topics).toEqual(['gardening', 'balcony & more']);
    expect(draftOf({ topics: Array.from({ length: 90 }, (_, n) => `topic ${n}`) }).topics).toHaveLength(20);
  });

  it('knows a title, an address and an author again, and keeps no author', () => {
    const one = draftOf({
      title: 'TINY cabins – of matchsticks!',
      author: 'Anna Muster',
      link: 'http://a.example/x?utm_source=b',
    });
    const other = draftOf({
      title: 'Tiny cabins of matchsticks',
      author: ' anna  muster',
      link: 'https://a.example/x',
    });
    expect(one.keys).toEqual(other.keys);
    expect(JSON.stringify(one)).not.toMatch(/anna/i);
  });

  it('does not take items that lead to the front page for the same', () => {
    expect(draftOf({ link: 'https://garden.example/' })).toMatchObject({
      url: 'https://garden.example/',
      keys: { url: null },
    });
  });

  it('bounds what is kept', () => {
    const draft = draftOf({
      title: 'word '.repeat(1_000),
      summary: 'word '.repeat(5_000),
      externalId: 'x'.repeat(3_000),
    });
    expect([draft.title.length, draft.summary.length, draft.externalId?.length]).toEqual([295, 1_995, 500]);
  });
});
