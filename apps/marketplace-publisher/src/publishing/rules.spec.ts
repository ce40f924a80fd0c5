import type { ListingCopy, StoredFile } from '@signalpress/contracts';
import { describe, expect, it } from '@jest/globals';
import { storefrontRules } from './marketplace.js';
import { refusalOf } from './rules.js';

const copy: ListingCopy = { title: 'Cold Water Club', description: 'For people who swim.', tags: ['swimming'] };
const image: StoredFile = { hash: 'a'.repeat(64), mediaType: 'image/webp', bytes: 40_000, width: 1_000, height: 1_000 };

describe('refusalOf', () => {
  it('lets pass what the marketplace takes', () => {
    expect(refusalOf(storefrontRules, copy, image)).toBeUndefined();
    // 140 characters as people count them; emoji are two code units each.
    expect(refusalOf(storefrontRules, { ...copy, title: '🐝'.repeat(140) }, image)).toBeUndefined();
    expect(refusalOf(storefrontRules, { ...copy, title: 'Replicant Society' }, image)).toBeUndefined();
  });

  it.each<[string, Partial<ListingCopy>, Partial<StoredFile>]>([
    ['title-too-long', { title: 'x'.repeat(141) }, {}],
    ['description-too-long', { description: 'x'.repeat(5_001) }, {}],
    ['too-many-tags', { tags: Array.from({ length: 14 }, (_, index) => `tag ${index}`) }, {}],
    ['tag-too-long', { tags: ['x'.repeat(21)] }, {}],
    ['banned-word', { title: 'A Replica of a Lake' }, {}],
    ['banned-word', { description: 'Officially-licensed!' }, {}],
    ['banned-word', { tags: ['miracle cure'] }, {}],
    ['image-too-small', {}, { width: 599 }],
    ['image-too-large', {}, { bytes: 2_097_153 }],
  ])('says %s', (code, copyChange, imageChange) => {
    expect(refusalOf(storefrontRules, { ...copy, ...copyChange }, { ...image, ...imageChange })?.code).toBe(code);
  });

  it('refuses a picture of a kind that the marketplace does not take', () => {
    const rules = { ...storefrontRules, image: { ...storefrontRules.image, mediaTypes: ['image/png'] } };
    expect(refusalOf(rules, copy, image)?.code).toBe('image-type');
  });
});
