import type { Siblings } from '../folding/siblings.js';
import type { LocalRoot } from './local-root.js';

// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- only its constructor matters: what it returns becomes `this` below
class Marked {
  constructor(span: object) {
    return span;
  }
}

/**
 * What this library knows of a span, kept in private fields of the span object itself, whoever made it. A WeakMap would do the
 * same for ten times the price: every entry of one costs the garbage collector.
 */
class SpanMark extends Marked {
  readonly #root: LocalRoot;
  #siblings: Siblings | undefined;

  constructor(span: object, root: LocalRoot) {
    super(span);
    this.#root = root;
  }

  static has(span: object): boolean {
    return #root in span;
  }

  static root(span: object): LocalRoot | undefined {
    return #root in span ? span.#root : undefined;
  }

  static siblings(span: object): Siblings | undefined {
    return #root in span ? span.#siblings : undefined;
  }

  static setSiblings(span: object, siblings: Siblings): void {
    if (#root in span) span.#siblings = siblings;
  }
}

/** Remembers the local root of a span that is recorded; the first call counts. */
export function markSpan(span: object, root: LocalRoot): void {
  if (!SpanMark.has(span)) new SpanMark(span, root);
}

/** The local root of a marked span: undefined where no limits hold, and for spans of other processes. */
export function rootOf(span: object): LocalRoot | undefined {
  return SpanMark.root(span);
}

/** What is known of the children of a marked span; undefined before the first one. */
export function siblingsBelow(span: object): Siblings | undefined {
  return SpanMark.siblings(span);
}

export function setSiblingsBelow(span: object, siblings: Siblings): void {
  SpanMark.setSiblings(span, siblings);
}
