import { errorCode } from './database.errors.js';

/** A statement is worth a name when it came so often. */
const OFTEN = 5;
/** Texts that are counted; one that comes when there are so many gets no name. */
const MOST_TEXTS = 500;
/** The server keeps a few kilobytes for each, on each connection. */
const MOST_NAMES = 100;
const LONGEST_TEXT = 2_000;
/** One row with plain parameters: nothing to plan differently for other values, and no result that a migration could change. */
const SINGLE_INSERT = /^\s*insert\s+into\s[^()]*\([^()]*\)\s*values\s*\([^()]*\)(?!.*\b(?:returning|select)\b)/is;
/** SQLSTATEs: there is no prepared statement of this name, there is one already. */
const FORGOTTEN: ReadonlySet<string | undefined> = new Set(['26000', '42P05']);

/**
 * The inserts that the server keeps parsed and planned, under names that all connections of a pool share: that is half of what a
 * single row costs it. Only in transactions, because those can be run again: a pooler that hands each transaction to any of its own
 * connections may not know the names. The first such error ends it for good.
 */
export class PreparedStatements {
  private readonly uses = new Map<string, number>();
  private readonly names = new Map<string, string>();
  private ended = false;

  /** Whether statements get names (no more, once one was forgotten). */
  areUsed(): boolean {
    return !this.ended;
  }

  /** The name under which the statement is to be sent; undefined when it has none. */
  nameOf(text: string): string | undefined {
    if (this.ended) return undefined;
    return this.names.get(text) ?? this.named(text);
  }

  /** To be told of each error of a statement with a name. */
  failed(error: unknown): void {
    if (isForgotten(error)) this.ended = true;
  }

  private named(text: string): string | undefined {
    const known = this.uses.get(text);
    if (known === undefined && (this.uses.size >= MOST_TEXTS || !isSingleInsert(text))) return undefined;
    const uses = (known ?? 0) + 1;
    this.uses.set(text, uses);
    if (uses < OFTEN || this.names.size >= MOST_NAMES) return undefined;
    const name = `signalpress_${this.names.size + 1}`;
    this.names.set(text, name);
    return name;
  }
}

/** Whether the server, or a pooler in front of it, does not know a prepared statement, or knows another one by this name. */
export const isForgotten = (thrown: unknown): boolean => FORGOTTEN.has(errorCode(thrown));

const isSingleInsert = (text: string): boolean => text.length <= LONGEST_TEXT && SINGLE_INSERT.test(text);
