import { GlobalFonts } from '@napi-rs/canvas';
import { Injectable } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { codePointsOf } from './coverage.js';

export type Face = 'poster' | 'heavy' | 'heavyItalic';

interface FaceSource {
  readonly package: string;
  /** Weight and style as in the file names of @fontsource. */
  readonly cut: string;
  /** Tracking in em that makes the cut sit well at display sizes. */
  readonly tracking: number;
}

const sources: Readonly<Record<Face, FaceSource>> = {
  poster: { package: 'anton', cut: '400-normal', tracking: 0.005 },
  heavy: { package: 'inter', cut: '900-normal', tracking: -0.035 },
  heavyItalic: { package: 'inter', cut: '900-italic', tracking: -0.03 },
};
const subsets = ['latin', 'latin-ext'] as const;

const familyOf = (face: Face, subset: string): string => `signalpress-${face}-${subset}`;

/** CSS font of a face at a size in pixels. */
export const cssFont = (face: Face, size: number): string =>
  `${size}px ${subsets.map((subset) => `"${familyOf(face, subset)}"`).join(', ')}`;

/** CSS letter spacing of a face at a size in pixels, plus `extra` em. */
export const cssTracking = (face: Face, size: number, extra = 0): string =>
  `${((sources[face].tracking + extra) * size).toFixed(3)}px`;

/**
 * The fonts that designs are set in: Anton and Inter, from files that the service brings along, so that a design looks the
 * same on every machine. Registered with the drawing library once per process.
 */
@Injectable()
export class Typefaces {
  private readonly drawable = new Set<number>();

  constructor() {
    const resolve = createRequire(import.meta.url).resolve;
    const perFace = (Object.keys(sources) as Face[]).map((face) => {
      const points = new Set<number>();
      for (const subset of subsets) {
        const { package: name, cut } = sources[face];
        const bytes = readFileSync(resolve(`@fontsource/${name}/files/${name}-${subset}-${cut}.woff`));
        const family = familyOf(face, subset);
        if (!GlobalFonts.has(family) && GlobalFonts.register(bytes, family) === null) {
          throw new Error(`the font ${name} (${subset}, ${cut}) cannot be read`);
        }
        for (const point of codePointsOf(bytes)) points.add(point);
      }
      return points;
    });
    const [first, ...others] = perFace;
    // A character counts only when every face has it: which face a design uses is decided later.
    for (const point of first ?? []) if (others.every((points) => points.has(point))) this.drawable.add(point);
  }

  /** The first character of the text, in any case, that the fonts cannot draw, or undefined. */
  missingIn(text: string): string | undefined {
    return Array.from(`${text}${text.toUpperCase()}`).find(
      (character) => !this.drawable.has(character.codePointAt(0) ?? 0),
    );
  }
}
