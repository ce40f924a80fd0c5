import type { Random } from './random.ts';

/** What is to become of a generated item, if all goes well. */
export type Kind = 'listed' | 'rejected' | 'held' | 'duplicate' | 'refused';

/** An item of a JSON Feed. All of it is simulated, and its addresses say so. */
export interface FeedItem {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly date_published: string;
  readonly tags: readonly string[];
  readonly _signalpress: { readonly engagement: number };
}

export interface GeneratedItem {
  readonly kind: Kind;
  readonly item: FeedItem;
}

// As many words each as the prime below, so that no two titles share more than one of their four words: what says the same
// would be one idea.
const makers = `otters hedgehogs beekeepers potters gardeners bakers lighthouses librarians astronomers violinists cyclists
  tailors carpenters fishermen shepherds painters drummers sailors skaters climbers weavers owls badgers`;
const deeds = `juggle collect repair polish borrow paint carve knit plant photograph stack measure whistle count trade decorate
  balance hide compose sketch gather sharpen wrap`;
const things = `teapots umbrellas pinecones lanterns accordions pumpkins kites marbles typewriters compasses feathers buttons
  postcards acorns seashells puppets saddles candles mittens globes ladders bicycles pancakes`;
const places = `harbour attic meadow tunnel orchard bakery lagoon rooftop greenhouse quarry station windmill library canyon
  cellar stadium monastery glacier vineyard playground observatory marsh carousel`;
const PRIME = 23;
const words = (text: string): string[] => text.split(/\s+/);
const pools = [words(makers), words(deeds), words(things), words(places)] as const;

/** Names that the word lists know: a person has to look at such an idea. */
const watched = ['Lego', 'Dolly Parton', 'idiot'];
const HOUR_MS = 3_600_000;

/** Makes items of every kind, each different from all before, for as many as `PRIME` squared. */
export class Items {
  private made = 0;
  private last: FeedItem | undefined;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  make(kind: Kind, now: Date): GeneratedItem {
    if (kind === 'duplicate' && this.last !== undefined) return { kind, item: this.last };
    const number = this.made++;
    const made = kind === 'duplicate' ? 'rejected' : kind;
    const hours = made === 'rejected' ? 24 * (22 + (number % 7)) : 1 + (number % 5);
    const item: FeedItem = {
      id: `simulated-${number}`,
      title: this.title(made, number),
      url: `https://simulated.drill.example/${number}`,
      date_published: new Date(now.getTime() - hours * HOUR_MS).toISOString(),
      tags: [],
      _signalpress: { engagement: made === 'rejected' ? number % 2 : 150 + Math.floor(this.random.next() * 150) },
    };
    if (made !== 'refused') this.last = item;
    return { kind: made, item };
  }

  private title(kind: Kind, number: number): string {
    if (kind === 'refused') return 'Simulated';
    const x = number % PRIME;
    const y = Math.floor(number / PRIME) % PRIME;
    const [maker, deed, thing, place] = [x, x + y, x + 2 * y, x + 3 * y].map((at, pool) => pools[pool]?.[at % PRIME]);
    const plain = `${maker ?? ''} ${deed ?? ''} ${thing ?? ''} beside the ${place ?? ''}`;
    const title = kind === 'held' ? `${plain} with a ${this.random.pick(watched)}` : plain;
    return title.charAt(0).toUpperCase() + title.slice(1);
  }
}
