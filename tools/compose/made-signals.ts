import { Items } from '../drill/items.ts';
import type { Kind } from '../drill/items.ts';
import { Random } from '../drill/random.ts';

/** A feed whose every signal differs from all that it has had before. */
export class MadeSignals {
  private readonly items = new Items(new Random(1));

  /** A JSON Feed with signals that are all of one kind; a `listed` one becomes an idea of its own and a listing. */
  document(signals: number, kind: Kind = 'listed'): string {
    const now = new Date();
    return JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Made signals',
      items: Array.from({ length: signals }, () => this.items.make(kind, now).item),
    });
  }
}
