import type { Attributes } from '@opentelemetry/api';
import { attributeNames } from '../semconv.js';

/** What a span says about a statement. */
export interface Statement {
  readonly name: string;
  readonly attributes: Attributes;
}

const LONGEST_TEXT = 2_000;
/** What is read of a text: a bulk insert may be megabytes. A literal that is cut off counts as one to the end. */
const LONGEST_READ = 10_000;
const LONGEST_NAME = 128;
/** Statements are few and repeat; what is beyond comes from texts that are built (lists of placeholders) and starts anew. */
const KNOWN_STATEMENTS = 500;
const LONGEST_KNOWN = 4_000;

/** Where something begins that is more than one character: see the cases of {@link sanitizeSql}. */
const TOKEN =
  /--|\/\*|(?:[ebxn]|u&)?'|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|"(?:[^"]|"")*"?|\$\d+|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|(?:\d|\.\d)[\w.]*/gi;

const OPERATION = /^[\s(]*([a-z]+)/i;
const TARGET = /\b(?:from|into|update|join)\s+(?:only\s+)?("?\w+"?(?:\."?\w+"?)?)/i;

/**
 * The text of a statement with `?` for every literal (texts in each of PostgreSQL's spellings, numbers), without comments, on one
 * line and of bounded length. Placeholders (`$1`), names and keywords stay.
 */
export function sanitizeSql(sql: string): string {
  const text = sql.slice(0, LONGEST_READ);
  let safe = '';
  let at = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [token] = match;
    safe += text.slice(at, match.index);
    const end = endOfHidden(text, token, match.index);
    if (end === undefined) {
      safe += /^[\d.]/.test(token) ? '?' : token;
      at = match.index + token.length;
    } else {
      safe += token.startsWith('--') || token === '/*' ? ' ' : '?';
      at = end;
    }
    TOKEN.lastIndex = at;
  }
  safe += text.slice(at);
  return safe.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TEXT);
}

/** The index after a comment or text that begins with this token; undefined when the token is neither. */
function endOfHidden(text: string, token: string, index: number): number | undefined {
  const inside = index + token.length;
  if (token === '--') return after(text, '\n', inside);
  if (token === '/*') return afterBlock(text, inside);
  if (token.endsWith("'")) return afterText(text, inside, /^e/i.test(token));
  if (token.startsWith('$') && token.endsWith('$')) return after(text, token, inside);
  return undefined;
}

function after(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from);
  return index < 0 ? text.length : index + end.length;
}

/** Block comments nest in PostgreSQL. */
function afterBlock(text: string, from: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let depth = 1;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/** Two quotes are one inside of a text; a backslash only means something after E. */
function afterText(text: string, from: number, escapes: boolean): number {
  for (let index = from; index < text.length; index++) {
    const character = text[index];
    if (escapes && character === '\\') index++;
    else if (character === "'") {
      if (text[index + 1] !== "'") return index + 1;
      index++;
    }
  }
  return text.length;
}

/** Named as the semantic conventions say: the operation and what it works on, `SELECT ideas`. */
export function describeStatement(sql: string, common: Attributes = {}): Statement {
  const text = sanitizeSql(sql);
  const operation = OPERATION.exec(text)?.[1]?.toUpperCase() ?? 'QUERY';
  const target = TARGET.exec(text)?.[1]?.replaceAll('"', '');
  const name = (target === undefined ? operation : `${operation} ${target}`).slice(0, LONGEST_NAME);
  return {
    name,
    attributes: {
      ...common,
      [attributeNames.dbOperationName]: operation,
      [attributeNames.dbQuerySummary]: name,
      [attributeNames.dbQueryText]: text,
    },
  };
}

/** Descriptions of the statements of one connection target, each worked out once. */
export class Statements {
  private readonly known = new Map<string, Statement>();

  constructor(private readonly common: Attributes) {}

  of(sql: string): Statement {
    const before = this.known.get(sql);
    if (before !== undefined) return before;
    const statement = describeStatement(sql, this.common);
    if (sql.length > LONGEST_KNOWN) return statement;
    if (this.known.size >= KNOWN_STATEMENTS) this.known.clear();
    this.known.set(sql, statement);
    return statement;
  }
}
