import { contentWords, stem } from '../text/words.js';
import type { Form } from './grammar.js';

/** A slogan with a place for a subject of one or two words; at most four words besides it. */
export interface Template {
  readonly text: string;
  /** The form of subject that reads well in it. */
  readonly form: Form;
}

const slogans = (form: Form, texts: string): Template[] =>
  texts.split('|').map((text) => ({ text: text.trim(), form }));

const anywhere: readonly Template[] = [
  ...slogans(
    'bare',
    'Ask Me About {} | Easily Distracted by {} | Fuelled by {} | {} and Good Company | Here for the {}',
  ),
  ...slogans(
    'bare',
    'Mostly Thinking About {} | Weekends Are for {} | Will Travel for {} | My Heart Says {} | Saved by {}',
  ),
  ...slogans('modifier', '{} State of Mind | {} Appreciation Society | {} Fan Club | Proudly Team {} | In My {} Era'),
  ...slogans(
    'modifier',
    'Official {} Committee | Ministry of {} Affairs | Professional {} Admirer | Department of {} Research',
  ),
];

const family = (topics: string, bare: string) => ({
  topics: new Set(topics.split(' ').map(stem)),
  templates: slogans('bare', bare),
});

const families = [
  family(
    'garden gardening plant flower allotment balcony vegetable houseplant seed compost botany tree harvest',
    'Rooted in {} | Dirt, Sun and {} | Growing Happier with {} | Plot Twist: More {}',
  ),
  family(
    'cat dog pet animal bird bee horse chicken goat duck hedgehog fish wildlife rabbit otter birdwatching',
    'Outnumbered by {} | Living with {} | Raised by {} | Be Kind to {}',
  ),
  family(
    'food baking bread coffee tea cooking kitchen cheese soup pickle cake breakfast recipe pizza sourdough fermentation',
    'Powered by {} | Save Room for {} | First of All, {} | Life Is Better with {}',
  ),
  family(
    'craft knitting crochet sewing diy pottery woodwork quilting hobby yarn embroidery making repair paper',
    'Made with {} and Patience | Hands Full of {} | Slowly, Surely, {} | Held Together by {}',
  ),
  family(
    'outdoors hiking camping cycling mountain forest sea beach walking nature swimming climbing travel bike',
    'Gone Looking for {} | Fresh Air and {} | Always Out for {} | Happier with {}',
  ),
  family(
    'science space astronomy tech technology computer code programming mathematics physics robot keyboard',
    'Curious About {} | Debugging Life with {} | Trust Me, I Know {} | In Theory, {}',
  ),
  family(
    'sport running football chess game gaming yoga fitness board puzzle skating',
    'In It for the {} | Warmed Up by {} | Rematch: Me and {} | Practice, Patience and {}',
  ),
  family(
    'music book reading library film art poetry vinyl piano guitar choir museum writing',
    'Lost in {} | Notes on {} | Quiet Hours and {} | Better with {}',
  ),
];

/** Slogans that suit the topics first, then those that suit anything. */
export function templatesFor(topics: readonly string[]): {
  fitting: readonly Template[];
  anywhere: readonly Template[];
} {
  const words = topics.flatMap(contentWords).map(stem);
  const found = families.find((candidate) => words.some((word) => candidate.topics.has(word)));
  return { fitting: found?.templates ?? [], anywhere };
}

/** For an idea none of whose words can be printed. */
export const wordless: readonly string[] = [
  'Ask Me About Today',
  'Seen It, Kept It',
  'Small Joys, Large Print',
  'Good Things Take Ink',
];
