import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderSample } from './render.ts';

interface ExpectedItem {
  source: string;
  index: number;
  externalId: string;
  outcome: string;
  idea?: string;
  of?: string;
}
const expected = JSON.parse(readFileSync(new URL('expected-outcomes.json', import.meta.url), 'utf8')) as {
  planted: string[];
  items: ExpectedItem[];
};
const now = new Date('2026-05-04T12:00:00.000Z');
const documents = renderSample(now);

describe('renderSample', () => {
  it('puts dates of the document’s own format in every place', () => {
    expect(documents.map(({ source }) => source)).toEqual([
      'feed:sample-workshop',
      'feed:sample-garden',
      'feed:sample-weekend',
    ]);
    for (const { document } of documents) expect(document.replaceAll('{{now-…}}', '')).not.toContain('{{');
    expect(documents[0]?.document).toContain('<pubDate>Mon, 04 May 2026 10:00:00 GMT</pubDate>');
    expect(documents[1]?.document).toContain('<published>2026-05-04T10:00:00.000Z</published>');
    expect(documents[2]?.document).toContain('"date_published": "2026-05-04T11:00:00.000Z"');
  });

  it('has an expected outcome for every item, in order', () => {
    const idsIn = [/<guid isPermaLink="false">([^<]+)</g, /<entry>\s*<id>([^<]+)</g, /"id": "([^"]+)"/g];
    documents.forEach(({ source, document }, n) => {
      const ids = Array.from(document.matchAll(idsIn[n] ?? /$^/g), ([, id]) => id);
      const items = expected.items.filter((item) => item.source === source);
      expect(items.map(({ externalId }) => externalId)).toEqual(ids);
      expect(items.map(({ index }) => index)).toEqual(ids.map((_, index) => index));
    });
  });

  it('refers only to items that are there, and plants what it says', () => {
    const listed = new Set(
      expected.items.filter(({ outcome }) => outcome === 'listed').map(({ externalId }) => externalId),
    );
    const ids = new Set(expected.items.map(({ externalId }) => externalId));
    for (const { idea, of } of expected.items) {
      if (idea !== undefined) expect(listed).toContain(idea);
      if (of !== undefined) expect(ids).toContain(of);
    }
    const text = documents.map(({ document }) => document).join('\n');
    for (const planted of expected.planted) expect(text).toContain(planted);
  });
});
