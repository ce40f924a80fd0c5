import { decodeHTML } from 'entities';

/** More markup than this is not read: what a title or summary keeps is far shorter. */
const longestMarkup = 50_000;

/** The text of a piece of HTML, or of plain text: no tags, entities decoded, each run of white space one space. */
export function plainText(html: string): string {
  return (
    decodeHTML(
      html
        .slice(0, longestMarkup)
        .replace(/<(script|style|template|noscript)\b[\s\S]{0,20000}?(?:<\/\1\s*>|$)/gi, ' ')
        .replace(/<!--[\s\S]{0,20000}?(?:-->|$)/g, ' ')
        .replace(/<\/?(?:b|i|em|strong|span|a|sup|sub|small|mark|u|code)\b[^<>]{0,5000}>/gi, '')
        .replace(/<[a-z/!?][^<>]{0,5000}>/gi, ' '),
    )
      .normalize('NFC')
      // eslint-disable-next-line no-control-regex -- control characters are what is taken out
      .replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\uFFFE\uFFFF]/g, ' ')
      // Half of a character, which no database takes.
      .replace(/\p{Surrogate}/gu, '')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** At most `length` UTF-16 units, cut between words and marked with an ellipsis. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const room = text.slice(0, length - 1).replace(/\p{Surrogate}$/u, '');
  const lastSpace = room.lastIndexOf(' ');
  return `${(lastSpace > length / 2 ? room.slice(0, lastSpace) : room).trimEnd()}…`;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Words in a text, in scripts without spaces too. */
export function countWords(text: string): number {
  let words = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike === true) words += 1;
  return words;
}
