/** Silhouettes in a 24 × 24 box, drawn with the even-odd rule, and the words that call for them. */
interface Icon {
  readonly name: string;
  readonly path: string;
  readonly words: readonly string[];
}

const disc = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

const around = (count: number, draw: (angle: number) => string): string =>
  Array.from({ length: count }, (_, index) => draw((index / count) * 2 * Math.PI)).join('');

const at = (angle: number, radius: number): string =>
  `${(12 + radius * Math.sin(angle)).toFixed(3)} ${(12 - radius * Math.cos(angle)).toFixed(3)}`;

const polygon = (points: number, outer: number, inner: number): string =>
  `M${Array.from({ length: points * 2 }, (_, index) => at((index / points) * Math.PI, index % 2 === 0 ? outer : inner)).join('L')}Z`;

const star = polygon(5, 11, 4.6);

const icons: readonly Icon[] = [
  {
    name: 'sprout',
    path: 'M11 23V13.5C5.5 13.5 2 10.5 1.5 4.5 7 4.3 10.4 6.6 11.8 10.2 13 5.6 16.5 2.2 22.5 2c.2 6.5-3.3 10.3-9.5 10.7V23Z',
    words: [
      'garden',
      'gardening',
      'plant',
      'plants',
      'balcony',
      'soil',
      'compost',
      'farm',
      'seeds',
      'sprout',
      'nature',
      'houseplants',
    ],
  },
  {
    name: 'flower',
    path:
      around(6, (angle) => {
        const [x, y] = at(angle, 6.6).split(' ').map(Number) as [number, number];
        return disc(x, y, 3.9);
      }) + disc(12, 12, 2.6),
    words: ['flower', 'flowers', 'bee', 'bees', 'bloom', 'spring', 'wildflowers', 'strawberries', 'botany', 'meadow'],
  },
  {
    name: 'mountains',
    path: 'M.5 20.5 8.5 5l4.3 8.1L15.5 8.5l8 12ZM8.5 9 6.6 12.8l1.9-.8 1.9.8Z',
    words: [
      'mountain',
      'mountains',
      'hiking',
      'hike',
      'climbing',
      'camping',
      'trail',
      'outdoors',
      'ski',
      'skiing',
      'hikers',
    ],
  },
  {
    name: 'wave',
    path: 'M1 9c2.8-4.5 6.5-4.5 9 0 1.8 3 4 3 5.5.2C17 6.2 20 5.5 23 8v3.6c-2.8-2.6-5-1.8-6 .3-2.3 4.3-6.3 4.3-8.8.1C6.5 9.3 4.5 9.5 2.5 13L1 12.5ZM1 16c2.8-4.5 6.5-4.5 9 0 1.8 3 4 3 5.5.2C17 13.2 20 12.5 23 15v3.6c-2.8-2.6-5-1.8-6 .3-2.3 4.3-6.3 4.3-8.8.1C6.5 16.3 4.5 16.5 2.5 20L1 19.5Z',
    words: [
      'sea',
      'ocean',
      'surf',
      'surfing',
      'swim',
      'swimming',
      'lake',
      'river',
      'beach',
      'water',
      'kayak',
      'rowing',
      'sailing',
      'cold-water',
    ],
  },
  {
    name: 'bolt',
    path: 'M14.5.5 3 14h7.2L8 23.5 21 9.2h-7.6Z',
    words: [
      'energy',
      'electric',
      'electronics',
      'power',
      'running',
      'solar',
      'hardware',
      'sport',
      'sports',
      'fitness',
      'battery',
    ],
  },
  {
    name: 'heart',
    path: 'M12 22 2.8 12.6a6 6 0 0 1 0-8.6 6 6 0 0 1 8.5 0l.7.7.7-.7a6 6 0 0 1 8.5 0 6 6 0 0 1 0 8.6Z',
    words: [
      'love',
      'family',
      'friends',
      'heart',
      'health',
      'kindness',
      'wedding',
      'parents',
      'community',
      'volunteers',
    ],
  },
  {
    name: 'paw',
    path: `${disc(4.6, 10, 2.5)}${disc(9, 5, 2.6)}${disc(15, 5, 2.6)}${disc(19.4, 10, 2.5)}M12 11c3.2 0 7 4 7 7.3 0 2.4-1.8 3.7-3.8 3.7-1.4 0-2.2-.6-3.2-.6s-1.8.6-3.2.6C6.8 22 5 20.7 5 18.3 5 15 8.8 11 12 11Z`,
    words: ['dog', 'dogs', 'cat', 'cats', 'pets', 'animals', 'puppy', 'kitten', 'wildlife', 'pet', 'rescue'],
  },
  {
    name: 'cup',
    path: 'M3 9h14v2h1.5a4 4 0 0 1 0 8h-2.3A6 6 0 0 1 11 22H9a6 6 0 0 1-6-6Zm14 4v3c0 .4 0 .7-.1 1h1.6a2 2 0 0 0 0-4ZM6 1.5h2V7H6Zm3.5 0h2V7h-2ZM13 1.5h2V7h-2Z',
    words: [
      'coffee',
      'tea',
      'cafe',
      'kitchen',
      'breakfast',
      'espresso',
      'baking',
      'bread',
      'sourdough',
      'cooking',
      'food',
    ],
  },
  {
    name: 'book',
    path: 'M11 6C8.5 4 5 3.5 1 4v15.5c4-.5 7.5 0 10 2Zm2 0c2.5-2 6-2.5 10-2v15.5c-4-.5-7.5 0-10 2Z',
    words: [
      'book',
      'books',
      'reading',
      'library',
      'writing',
      'school',
      'science',
      'history',
      'learning',
      'poetry',
      'paper',
    ],
  },
  {
    name: 'moon',
    path: 'M14 1.5A10.8 10.8 0 1 0 22.5 15 9 9 0 0 1 14 1.5ZM19 3l.9 2.1L22 6l-2.1.9L19 9l-.9-2.1L16 6l2.1-.9Z',
    words: ['moon', 'night', 'space', 'astronomy', 'stars', 'sleep', 'sky', 'planet', 'telescope', 'aurora', 'eclipse'],
  },
  {
    name: 'note',
    path: 'M8 3.5 21 1v15.5a3.7 3.3 0 1 1-2.5-3.2V7.5L10.5 9v9.8A3.7 3.3 0 1 1 8 15.6Z',
    words: ['music', 'vinyl', 'guitar', 'synth', 'dance', 'festival', 'concert', 'song', 'choir', 'radio', 'cassette'],
  },
  {
    name: 'pad',
    path: `M7 5.5h10c4 0 6 4 6 8.5 0 5.5-4 6.5-6 3L15.8 15H8.2L7 17c-2 3.5-6 2.5-6-3 0-4.5 2-8.5 6-8.5ZM6.8 8.2v1.7H5v1.8h1.8v1.7h1.8v-1.7h1.8V9.9H8.6V8.2Z${disc(15, 11.8, 1.1)}${disc(17.8, 9.4, 1.1)}`,
    words: ['gaming', 'games', 'game', 'arcade', 'retro', 'console', 'esports', 'boardgames', 'pixel'],
  },
  {
    name: 'cog',
    path: `M${around(8, (angle) => {
      const step = Math.PI / 8;
      return `${angle === 0 ? '' : 'L'}${at(angle - step * 0.55, 11)}L${at(angle + step * 0.55, 11)}L${at(angle + step * 0.75, 8.3)}L${at(angle + step * 1.25, 8.3)}`;
    })}Z${disc(12, 12, 3.6)}`,
    words: [
      'code',
      'coding',
      'software',
      'technology',
      'robot',
      'robots',
      'engineering',
      'repair',
      'maker',
      'makers',
      'ai',
      'computer',
      'open-source',
      'diy',
    ],
  },
  {
    name: 'wheel',
    path: `${disc(12, 12, 11)}${disc(12, 12, 8.6)}${around(6, (angle) => `M${at(angle - 0.07, 8.8)}L${at(angle + 0.07, 8.8)}L${at(angle + 0.3, 2)}L${at(angle - 0.3, 2)}Z`)}${disc(12, 12, 1)}`,
    words: [
      'cycling',
      'bike',
      'bikes',
      'bicycle',
      'bicycles',
      'skate',
      'skating',
      'trains',
      'train',
      'travel',
      'commuting',
      'roads',
    ],
  },
  {
    name: 'sun',
    path: `${disc(12, 12, 5.2)}${around(12, (angle) => `M${at(angle - 0.11, 6.8)}L${at(angle, 11.4)}L${at(angle + 0.11, 6.8)}Z`)}`,
    words: ['sun', 'summer', 'sunrise', 'sunset', 'morning', 'weather', 'climate', 'holiday', 'warm'],
  },
  { name: 'star', path: star, words: [] },
];

/** Five-pointed star, the ornament that goes with everything. */
export const starPath = star;

/** The silhouette that the words call for, topics before the words of the phrase; a star when none does. */
export function iconFor(words: readonly string[]): string {
  for (const word of words) {
    const found = icons.find((icon) => icon.words.includes(word.toLowerCase().replace(/[^\p{L}\p{N}-]/gu, '')));
    if (found !== undefined) return found.path;
  }
  return star;
}
