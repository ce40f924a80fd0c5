import { contentWords, stem } from './words.js';

/** A unit vector, or all zeros for a text without a word that carries meaning. */
export type Embedding = Float32Array;

/** Raised when equal texts would no longer give equal vectors; it is stored with every score. */
export const embeddingVersion = 1;
export const embeddingDimensions = 256;

export interface TextToEmbed {
  readonly title: string;
  readonly summary: string;
  readonly topics: readonly string[];
}

/** FNV-1a over UTF-16 code units, with the finaliser of MurmurHash3 because FNV's low bits alone are uneven. */
function hash(feature: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < feature.length; i += 1) h = Math.imul(h ^ feature.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function count(features: Map<string, number>, feature: string, weight: number): void {
  features.set(feature, (features.get(feature) ?? 0) + weight);
}

function addText(features: Map<string, number>, text: string, weight: number): void {
  const words = contentWords(text).map(stem);
  words.forEach((word, index) => {
    count(features, `w:${word}`, weight);
    const next = words[index + 1];
    if (next !== undefined) count(features, `b:${word} ${next}`, weight * 0.4);
    const padded = `^${word}$`;
    for (let i = 0; i + 4 <= padded.length; i += 1) count(features, `c:${padded.slice(i, i + 4)}`, weight * 0.15);
  });
}

/**
 * Signed feature hashing (Weinberger et al. 2009) of word stems, word pairs and character 4-grams, square-rooted so that
 * repetition does not shout, normalised to length 1. It needs no model and no corpus, so it runs anywhere and the same
 * text has the same vector on every machine. A title weighs twice what a summary weighs.
 */
export function embed({ title, summary, topics }: TextToEmbed): Embedding {
  const features = new Map<string, number>();
  addText(features, title, 2);
  addText(features, summary, 0.6);
  for (const topic of topics) addText(features, topic, 0.6);
  const vector = new Float64Array(embeddingDimensions);
  for (const [feature, weight] of features) {
    const h = hash(feature);
    const index = h % embeddingDimensions;
    vector[index] = (vector[index] ?? 0) + (h & 0x8000_0000 ? -1 : 1) * Math.sqrt(weight);
  }
  return unit(vector);
}

function unit(vector: Float64Array): Embedding {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return Float32Array.from(vector, (x) => (length === 0 ? 0 : x / length));
}

/** Cosine of two vectors, −1..1; 0 when either is all zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  let lengthA = 0;
  let lengthB = 0;
  for (let i = 0; i < embeddingDimensions; i += 1) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    lengthA += x * x;
    lengthB += y * y;
  }
  return lengthA === 0 || lengthB === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB);
}

/** The direction that the vectors have in common, weighted; all zeros when there is none. */
export function centroid(vectors: readonly { embedding: Embedding; weight: number }[]): Embedding {
  const sum = new Float64Array(embeddingDimensions);
  for (const { embedding, weight } of vectors) {
    embedding.forEach((x, index) => {
      sum[index] = (sum[index] ?? 0) + x * weight;
    });
  }
  return unit(sum);
}

/** How an embedding is kept in a row: little-endian 32-bit floats. */
export function toBytes(embedding: Embedding): Buffer {
  const bytes = Buffer.alloc(embeddingDimensions * 4);
  embedding.forEach((x, index) => bytes.writeFloatLE(x, index * 4));
  return bytes;
}

/** @throws RangeError when the row was written with other dimensions */
export function fromBytes(bytes: Buffer): Embedding {
  if (bytes.length !== embeddingDimensions * 4)
    throw new RangeError(`an embedding has ${embeddingDimensions * 4} bytes`);
  return Float32Array.from({ length: embeddingDimensions }, (_, index) => bytes.readFloatLE(index * 4));
}
