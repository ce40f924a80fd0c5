import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFeedDate } from './feed.dates.js';
import { FeedError } from './feed.errors.js';
import { readFeed } from './feed.js';
import { maxFeedItems } from './feed.types.js';

const rss = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title><link>https://a.example/</link>${items}</channel></rss>`;
const entriesOf = (document: string) => readFeed(document).entries;

describe('readFeed', () => {
  it('reads RSS 2.0', () => {
    const item = `<item><guid isPermaLink="false">g1</guid><title>Tea &amp;amp; toast</title><link>/tea</link>
      <description><![CDATA[<p>hot</p>]]></description><category>Tea</category><dc:creator>Anna</dc:creator>
      <pubDate>Mon, 04 May 2026 08:00:00 +0200</pubDate><slash:comments>7</slash:comments></item>`;
    expect(readFeed(rss(item))).toEqual({
      site: 'https://a.example/',
      entries: [
        {
          externalId: 'g1',
          title: 'Tea &amp; toast',
          summary: '<p>hot</p>',
          link: '/tea',
          topics: ['Tea'],
          author: 'Anna',
          published: new Date('2026-05-04T06:00:00Z'),
          engagement: 7,
        },
      ],
    });
  });

  it('reads RSS 1.0', () => {
    const document = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel rdf:about="https://a.example/"><title>t</title><link>https://a.example/</link></channel>
      <item rdf:about="https://a.example/1"><title>Tea for one</title><link>https://a.example/1</link><dc:date>2026-05-04</dc:date><dc:subject>tea</dc:subject></item></rdf:RDF>`;
    expect(entriesOf(document)).toMatchObject([
      {
        externalId: 'https://a.example/1',
        title: 'Tea for one',
        topics: ['tea'],
        published: new Date('2026-05-04T00:00:00Z'),
      },
    ]);
  });

  it('reads Atom', () => {
    const document = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><entry><id>a1</id>
      <title type="html">Tea &lt;b&gt;hot&lt;/b&gt;</title><link rel="replies" href="/r"/><link href="/tea"/><updated>2026-05-04T08:00:00Z</updated>
      <category term="t" label="Tea"/><thr:total>9</thr:total></entry></feed>`;
    expect(entriesOf(document)).toMatchObject([
      {
        externalId: 'a1',
        title: 'Tea <b>hot</b>',
        link: '/tea',
        topics: ['Tea'],
        engagement: 9,
        published: new Date('2026-05-04T08:00:00Z'),
      },
    ]);
  });

  it('reads JSON Feed, versions that are written in another way, and items one by one', () => {
    const items = [
      {
        id: 1,
        title: 'Tea',
        tags: ['tea'],
        date_published: '2026-05-04T08:00:00Z',
        _counts: { comments: 3, engagement: 12 },
      },
      'nonsense',
      {},
      { id: '2', title: ['odd'], _counts: { engagement: -1 } },
    ];
    expect(entriesOf(JSON.stringify({ version: '1.1', items }))).toMatchObject([
      { externalId: '1', title: 'Tea', engagement: 12 },
      'unreadable',
      'unreadable',
      { externalId: '2', engagement: null },
    ]);
  });

  it('reports the items in which nothing can be read', () => {
    expect(entriesOf(rss('<item></item><item><title>Tea</title></item><!-- <item/> -->'))).toMatchObject([
      { title: 'Tea' },
      'unreadable',
    ]);
    expect(entriesOf('<feed xmlns="http://www.w3.org/2005/Atom"><entry><author></author></entry></feed>')).toEqual([
      'unreadable',
    ]);
    expect(entriesOf(rss(''))).toEqual([]);
  });

  it('keeps what stands before the damage', () => {
    const whole = rss(
      '<item><title>One</title></item><item><title>Two</title></item><item><title>Three</title></item>',
    );
    expect(entriesOf(whole.slice(0, whole.indexOf('Three')))).toMatchObject([{ title: 'One' }, { title: 'Two' }]);
  });

  it('does not expand entities', () => {
    const bomb = `<!DOCTYPE rss [<!ENTITY a "${'x'.repeat(100)}"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]>${rss('<item><title>&c; three words</title></item>')}`;
    expect(JSON.stringify(entriesOf(bomb)).length).toBeLessThan(1_000);
  });

  it.each([
    ['', 'not-a-feed', /empty/],
    ['hello', 'not-a-feed', /not a feed/],
    ['<head><title>Moved</title></head><body>here</body>', 'not-a-feed', /HTML page.*address of its feed/],
    ['<opml/>', 'not-a-feed', /<rss>/],
    ['{"a":1}', 'not-a-feed', /"items"/],
    ['{"items":[', 'damaged-feed', /whole/],
    ['<rss version="2.0"><channel><item><title>Te', 'damaged-feed', /damaged/],
    [rss('<item><title>a</title></item>'.repeat(maxFeedItems + 1)), 'too-many-items', /501 items/],
    [JSON.stringify({ items: Array.from({ length: 900 }, () => ({})) }), 'too-many-items', /Split/],
  ])('refuses %.40j with %s', (document, code, message) => {
    const refused = () => readFeed(document);
    expect(refused).toThrow(FeedError);
    expect(refused).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('answers or refuses, whatever is cut out of a document', () => {
    const whole = rss('<item><title>One</title><link>/1</link></item>'.repeat(5));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(60), fc.string(), (at, length, inserted) => {
        const damaged = whole.slice(0, at) + inserted + whole.slice(at + length);
        try {
          expect(readFeed(damaged).entries.length).toBeLessThanOrEqual(20);
        } catch (error) {
          expect(error).toBeInstanceOf(FeedError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseFeedDate', () => {
  it.each([
    ['Thu, 12 Nov 2015 21:16:39 +0000', '2015-11-12T21:16:39.000Z'],
    ['12 Nov 2015 21:16 EST', '2015-11-13T02:16:00.000Z'],
    ['Thu, 12 Nov 2015 21:16:39', '2015-11-12T21:16:39.000Z'],
    ['2017-06-21T10:33:10-07:00', '2017-06-21T17:33:10.000Z'],
    ['2017-06-21T10:33:10.1234567Z', '2017-06-21T10:33:10.123Z'],
    ['2017-06-21 10:33', '2017-06-21T10:33:00.000Z'],
    ['2017-06-21', '2017-06-21T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseFeedDate(text)?.toISOString()).toBe(iso);
  });

  it.each(['', 'yesterday', 'issue 12', '2017-13-45', '32 Foo 2015 10:00', '1234567890'])('%j is no date', (text) => {
    expect(parseFeedDate(text)).toBeNull();
  });
});
