import type { ListingCopy, StoredFile } from '@signalpress/contracts';
import type { MarketplaceRules } from './marketplace.js';

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Why the marketplace would refuse a listing, or undefined. Lengths are in characters as people count them. */
export function refusalOf(rules: MarketplaceRules, copy: ListingCopy, image: StoredFile): Refusal | undefined {
  const title = lengthOf(copy.title);
  if (title > rules.titleLength) {
    return refusal('title-too-long', `The title has ${title} characters; the marketplace takes ${rules.titleLength}.`);
  }
  const description = lengthOf(copy.description);
  if (description > rules.descriptionLength) {
    return refusal(
      'description-too-long',
      `The description has ${description} characters; the limit is ${rules.descriptionLength}.`,
    );
  }
  if (copy.tags.length > rules.tags) {
    return refusal('too-many-tags', `The listing has ${copy.tags.length} tags; the marketplace takes ${rules.tags}.`);
  }
  const longTag = copy.tags.find((tag) => lengthOf(tag) > rules.tagLength);
  if (longTag !== undefined)
    return refusal('tag-too-long', `The tag "${longTag}" is longer than ${rules.tagLength} characters.`);
  return bannedWord(rules, copy) ?? imageRefusal(rules, image);
}

function bannedWord(rules: MarketplaceRules, copy: ListingCopy): Refusal | undefined {
  // Whole words only: "replica" must not stop a "replicant".
  const plain = (text: string): string => ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  const text = plain([copy.title, copy.description, ...copy.tags].join(' · '));
  const word = rules.banned.find((banned) => text.includes(plain(banned)));
  return word === undefined ? undefined : refusal('banned-word', `The marketplace does not take "${word}".`);
}

function imageRefusal({ image: rules }: MarketplaceRules, image: StoredFile): Refusal | undefined {
  if (!rules.mediaTypes.includes(image.mediaType)) {
    return refusal('image-type', `The marketplace does not take ${image.mediaType}.`);
  }
  if (Math.min(image.width, image.height) < rules.leastSide) {
    return refusal(
      'image-too-small',
      `The picture has ${image.width} × ${image.height} pixels; ${rules.leastSide} are the least.`,
    );
  }
  if (image.bytes > rules.bytes) {
    return refusal('image-too-large', `The picture has ${image.bytes} bytes; the marketplace takes ${rules.bytes}.`);
  }
  return undefined;
}

const refusal = (code: string, message: string): Refusal => ({ code, message });
const lengthOf = (text: string): number => Array.from(text).length;
