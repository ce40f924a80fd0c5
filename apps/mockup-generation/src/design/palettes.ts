import type { Seed } from './seed.js';

/** Colours of a design. Every ink is legible on the garment: contrast at least 3 : 1, the main ink at least 4.5 : 1. */
export interface Palette {
  readonly name: string;
  /** The cloth; never printed, the design's transparent parts show it. */
  readonly garment: string;
  readonly ink: string;
  readonly accent: string;
  readonly pop: string;
  /** Topics and words that this palette speaks of. */
  readonly mood: Mood;
}

export type Mood = 'nature' | 'sea' | 'night' | 'warm' | 'play' | 'calm';

export const palettes: readonly Palette[] = [
  { name: 'allotment', garment: '#1f3a2d', ink: '#f5ead2', accent: '#e9b44c', pop: '#9bc995', mood: 'nature' },
  { name: 'sprout', garment: '#f4efe3', ink: '#22402f', accent: '#c2542d', pop: '#4f7f4a', mood: 'nature' },
  { name: 'moss', garment: '#2b2f2a', ink: '#f0e9d8', accent: '#a9c46c', pop: '#e2a15a', mood: 'nature' },
  { name: 'harbour', garment: '#14293f', ink: '#f4ecd8', accent: '#f2a65a', pop: '#6fb7c9', mood: 'sea' },
  { name: 'lagoon', garment: '#f2f0ea', ink: '#12394b', accent: '#d1495b', pop: '#1f7a8c', mood: 'sea' },
  { name: 'tide', garment: '#0f3b45', ink: '#f6efdf', accent: '#ff8f6b', pop: '#8fd0c6', mood: 'sea' },
  { name: 'midnight', garment: '#17171c', ink: '#f6f2ea', accent: '#ffb02e', pop: '#ff6b57', mood: 'night' },
  { name: 'arcade', garment: '#1b1433', ink: '#fdf3ff', accent: '#ff5fa2', pop: '#4ad7d1', mood: 'night' },
  { name: 'terminal', garment: '#16191f', ink: '#e8f1ea', accent: '#5ee2a0', pop: '#f7c948', mood: 'night' },
  { name: 'ember', garment: '#2b1b17', ink: '#fbeed9', accent: '#f08a4b', pop: '#e9c46a', mood: 'warm' },
  { name: 'terracotta', garment: '#f6ead9', ink: '#5a2418', accent: '#c0492c', pop: '#8a6a14', mood: 'warm' },
  { name: 'brick', garment: '#6e2a24', ink: '#fbeed8', accent: '#ffc15e', pop: '#f4a79d', mood: 'warm' },
  { name: 'carnival', garment: '#fbf5e6', ink: '#2a2550', accent: '#d6336c', pop: '#c4501b', mood: 'play' },
  { name: 'popsicle', garment: '#263a8b', ink: '#fff6e6', accent: '#ffd166', pop: '#ff9aa8', mood: 'play' },
  { name: 'stone', garment: '#e7e3da', ink: '#26282b', accent: '#a4452c', pop: '#4a6670', mood: 'calm' },
  { name: 'heather', garment: '#3a3f4a', ink: '#f4f1ea', accent: '#e8c07d', pop: '#9fc2cc', mood: 'calm' },
];

const moodWords: Readonly<Record<Mood, readonly string[]>> = {
  nature: [
    'garden',
    'gardening',
    'plant',
    'plants',
    'forest',
    'hiking',
    'bee',
    'bees',
    'bird',
    'birds',
    'tree',
    'farm',
    'moss',
    'balcony',
    'strawberries',
    'nature',
    'mushroom',
    'camping',
    'environment',
    'climate',
    'soil',
    'compost',
    'wildlife',
  ],
  sea: [
    'sea',
    'ocean',
    'surf',
    'surfing',
    'swim',
    'swimming',
    'beach',
    'sailing',
    'fish',
    'fishing',
    'river',
    'rain',
    'kayak',
    'lake',
    'water',
    'whale',
    'rowing',
    'coast',
    'harbour',
  ],
  night: [
    'space',
    'astronomy',
    'moon',
    'stars',
    'night',
    'code',
    'coding',
    'software',
    'gaming',
    'games',
    'synth',
    'computer',
    'technology',
    'ai',
    'robot',
    'robots',
    'music',
    'hardware',
    'retro',
    'electronics',
  ],
  warm: [
    'coffee',
    'bread',
    'baking',
    'food',
    'cooking',
    'sourdough',
    'autumn',
    'kitchen',
    'pizza',
    'tea',
    'desert',
    'fire',
    'pottery',
    'ceramics',
    'vintage',
    'leather',
    'spice',
    'sauna',
    'chilli',
  ],
  play: [
    'party',
    'summer',
    'cycling',
    'bike',
    'bikes',
    'dance',
    'festival',
    'toys',
    'kids',
    'sport',
    'sports',
    'football',
    'running',
    'dogs',
    'dog',
    'cats',
    'cat',
    'pets',
    'comics',
    'skate',
    'skating',
  ],
  calm: [
    'books',
    'reading',
    'library',
    'yoga',
    'craft',
    'crafts',
    'knitting',
    'writing',
    'architecture',
    'chess',
    'paper',
    'science',
    'history',
    'travel',
    'trains',
    'city',
    'work',
    'meditation',
  ],
};

/** The palettes that fit the words (topics first, then the phrase), or all of them when no word says anything. */
export function choosePalette(words: readonly string[], seed: Seed): Palette {
  const known = new Set(words.map((word) => word.toLowerCase()));
  const moods = (Object.keys(moodWords) as Mood[]).filter((mood) => moodWords[mood].some((word) => known.has(word)));
  const fitting = palettes.filter((palette) => moods.includes(palette.mood));
  return seed.pick(fitting.length > 0 ? fitting : palettes);
}

const channel = (value: number): number => {
  const share = value / 255;
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** WCAG 2 relative luminance of `#rrggbb`, 0..1. */
export function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  return 0.2126 * channel((value >> 16) & 255) + 0.7152 * channel((value >> 8) & 255) + 0.0722 * channel(value & 255);
}

/** WCAG 2 contrast of two colours, 1..21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
