import type { ListingCopy } from '@signalpress/contracts';
import { contentWords, fold, isContentWord, wordsOf } from '../text/words.js';
import { choice } from './phrase.js';
import type { SourceText } from './subjects.js';
import { subjectsOf } from './subjects.js';

const maxTitle = 140;
const maxTag = 20;
const maxTags = 13;
const maxTopics = 20;

const openings = [
  'For everyone who knows exactly what this is about.',
  'A small statement for people who mean it.',
  'Says in one line what takes others an evening.',
  'For the one in your life who will not stop talking about it.',
];

/** Topics of an idea in the order of its signals, distinct, at most 20. */
export function topicsOf(sources: readonly SourceText[]): string[] {
  return [...new Set(sources.flatMap(({ topics }) => topics))].slice(0, maxTopics);
}

/** Lower-case letters and digits with single spaces, at most 20 characters, cut between words. */
function tag(text: string): string {
  const words = wordsOf(text.toLowerCase());
  let result = '';
  for (const word of words) {
    const longer = result === '' ? word : `${result} ${word}`;
    if (longer.length > maxTag) break;
    result = longer;
  }
  return result;
}

function tagsOf(sources: readonly SourceText[], phrase: string): string[] {
  const subjects = subjectsOf(sources).map(({ words }) => words.join(' '));
  const phraseWords = contentWords(phrase);
  const candidates = [...topicsOf(sources), ...subjects, ...phraseWords, 'gift', 'slogan'].map(tag);
  return [...new Set(candidates)].filter((text) => text !== '').slice(0, maxTags);
}

function enumerate(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** Title, description and tags of a listing, from the phrase and the topics; the same every time for the same idea. */
export function copyOf(ideaId: string, phrase: string, sources: readonly SourceText[]): ListingCopy {
  const topics = topicsOf(sources).filter((topic) => wordsOf(topic).map(fold).some(isContentWord));
  const about = enumerate(topics.slice(0, 3).map((topic) => topic.toLowerCase()));
  const suffix = about === '' ? 'Gift with a Slogan' : `A Gift for Friends of ${titled(topics[0] ?? '')}`;
  const title = `${phrase} – ${suffix}`;
  const opening = openings[choice([ideaId, 'copy'], openings.length)] ?? '';
  const subject = about === '' ? '' : ` Made for friends of ${about}.`;
  return {
    title: title.length <= maxTitle ? title : phrase,
    description: `“${phrase}”\n\n${opening}${subject}\n\nOur own words and lettering, printed to order.`,
    tags: tagsOf(sources, phrase),
  };
}

const titled = (text: string): string =>
  text.replace(/\p{L}[\p{L}\p{N}'’]*/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1));
