import { fold } from '../text/words.js';

/** What the search for names compares with; all words folded. */
export interface NameWords {
  /** Given names that are nothing else. */
  readonly given: ReadonlySet<string>;
  /** Given names that are also everyday words or places; they count in sentence case only. */
  readonly everyday: ReadonlySet<string>;
  /** Words that stand behind a given name, or own something, without being a person. */
  readonly common: ReadonlySet<string>;
}

interface Token {
  readonly text: string;
  readonly folded: string;
  /** What stands between the word before and this one. */
  readonly gap: string;
  readonly capital: boolean;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** Before a surname alone these make a name: "President Miller". */
const titles = words(`
  mr mrs ms dr prof professor sir dame senator congressman congresswoman president minister chancellor governor mayor
  king queen prince princess pope archbishop herr frau prasident prasidentin kanzler kanzlerin bundeskanzler
  bundeskanzlerin ministerin monsieur madame senor senora`);

/** Before two capitalised words these make a name: "actor Ann Miller". Alone they are too often part of another thing. */
const occupations = words(`
  actor actress activist architect artist athlete author billionaire boxer ceo chef coach comedian composer designer director
  dj drummer economist footballer golfer guitarist historian influencer journalist judge lawyer model musician novelist
  painter philosopher photographer pianist player poet politician presenter producer rapper scientist sculptor singer
  songwriter star striker swimmer youtuber writer schauspieler schauspielerin sanger sangerin regisseur regisseurin autor
  autorin`);

const particles = words('al bin da de del della den der di dos du el ibn la le ten ter van von zu');

/** Before a given name these make a place: "San Carlos", "Lake Louise". */
const placeWords = words('cape fort lake mount port saint san santa sao st');

const tokenPattern = /[\p{L}\p{N}]+(?:['’]\p{L}+)*/gu;
const isCapital = (word: string): boolean => /^\p{Lu}/u.test(word);
const isAllCapitals = (word: string): boolean => /^\p{Lu}{2,}$/u.test(word);

function tokensOf(text: string): Token[] {
  const normal = text.normalize('NFC');
  let end = 0;
  return Array.from(normal.matchAll(tokenPattern), ({ 0: word, index }) => {
    const gap = normal.slice(end, index);
    end = index + word.length;
    return { text: word, folded: fold(word), gap, capital: isCapital(word) };
  });
}

/** Whether two words belong to one name: a space or a hyphen between them, or the dot of "J. Miller" and "Dr. Miller". */
const joins = (before: Token | undefined, { gap }: Token): boolean =>
  /^(?:\s+|-)$/.test(gap) || (/^\.\s*$/.test(gap) && before !== undefined && before.text.length <= 3);

/** Whether (nearly) every word of a text is capitalised, so that a capital says nothing about a word. */
function isTitleCase(tokens: readonly Token[]): boolean {
  const telling = tokens.slice(1).filter(({ text }) => text.length > 3 && /^\p{L}/u.test(text));
  return telling.filter(({ capital }) => !capital).length <= telling.length / 5;
}

/** The names of one text. What a capital means depends on how the text is capitalised. */
class NameSearch {
  private readonly tokens: readonly Token[];
  private readonly titleCase: boolean;
  private readonly shouted: boolean;

  constructor(
    text: string,
    private readonly known: NameWords,
  ) {
    this.tokens = tokensOf(text);
    this.titleCase = isTitleCase(this.tokens);
    this.shouted = this.titleCase && !/\p{Ll}/u.test(text);
  }

  names(): string[] {
    const names: string[] = [];
    for (let index = 0; index < this.tokens.length; index += 1) {
      const name = this.nameAt(index);
      if (name === undefined) continue;
      const last = this.lastOf(name.last);
      const text = this.tokens.slice(name.first, last + 1).map((token) => token.text);
      names.push(text.join(' ').replace(/['’]s$/i, ''));
      index = last;
    }
    return names;
  }

  private nameAt(index: number): { first: number; last: number } | undefined {
    const token = this.tokens[index];
    if (token === undefined) return undefined;
    const last = this.givenName(token, index) ?? this.owner(token, index);
    if (last !== undefined) return { first: index, last };
    const titled = this.afterTitle(token, index);
    return titled === undefined ? undefined : { first: index + 1, last: titled };
  }

  /** The end of a name whose surname is found: "Ann Lee Miller" goes on, "Ann Lee's Mill" does not. */
  private lastOf(last: number): number {
    const end = last + 1;
    return !this.titleCase && !this.isOwner(last) && this.nameWord(end) ? end : last;
  }

  /** Index of the surname when a name starts here with a given name. */
  private givenName({ folded, capital }: Token, index: number): number | undefined {
    const known = this.known.given.has(folded) || (!this.titleCase && this.known.everyday.has(folded));
    if (!known || !capital || this.isOwner(index) || this.isPlace(index)) return undefined;
    return this.surnameAfter(index);
  }

  /** Index of the last word of the name that follows a title or an occupation. */
  private afterTitle({ folded, text }: Token, index: number): number | undefined {
    const next = this.tokens[index + 1]?.folded ?? '';
    if (this.titleCase || this.isOwner(index) || isAllCapitals(text) || placeWords.has(next)) return undefined;
    if (titles.has(folded)) return this.surnameAfter(index);
    if (!occupations.has(folded)) return undefined;
    const first = this.nameWord(index + 1) ? index + 1 : undefined;
    return first === undefined ? undefined : this.surnameAfter(first);
  }

  /** The index itself when an unknown capitalised word inside a sentence owns something. */
  private owner({ folded, capital, gap, text }: Token, index: number): number | undefined {
    if (this.titleCase || !this.isOwner(index) || this.isPlace(index)) return undefined;
    const inside = index > 0 && /^\s+$/.test(gap);
    const known = Object.values(this.known).some((list: ReadonlySet<string>) => list.has(folded));
    return inside && capital && folded.length > 3 && !known && !isAllCapitals(text.slice(0, -2)) ? index : undefined;
  }

  private surnameAfter(index: number): number | undefined {
    for (let at = index + 1; at <= index + 4; at += 1) {
      const token = this.tokens[at];
      if (token === undefined || !joins(this.tokens[at - 1], token)) return undefined;
      const between = token.text.length === 1 ? token.capital : particles.has(token.folded);
      if (!between) return this.nameWord(at) ? at : undefined;
    }
    return undefined;
  }

  /** Whether the word can be part of a name and belongs to the word before it. */
  private nameWord(index: number): boolean {
    const token = this.tokens[index];
    if (token?.capital !== true || !joins(this.tokens[index - 1], token)) return false;
    const acronym = !this.shouted && isAllCapitals(token.text) && token.text.length < 5;
    return token.folded.length > 1 && !acronym && !this.known.common.has(token.folded);
  }

  private isOwner(index: number): boolean {
    return /['’]s$/i.test(this.tokens[index]?.text ?? '');
  }

  private isPlace(index: number): boolean {
    const [before, token] = [this.tokens[index - 1], this.tokens[index]];
    return before !== undefined && token !== undefined && placeWords.has(before.folded) && joins(before, token);
  }
}

/**
 * What looks like the name of a person: a given name or a title before a capitalised word, an occupation before two, or
 * inside a sentence an unknown capitalised word with a possessive. A guess from spelling and lists: it errs both ways.
 */
export function namesIn(text: string, known: NameWords): string[] {
  return [...new Set(new NameSearch(text, known).names())];
}
