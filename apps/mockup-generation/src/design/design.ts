import type { SKRSContext2D } from '@napi-rs/canvas';
import { iconFor } from './icons.js';
import { wordsOf } from './lines.js';
import type { Palette } from './palettes.js';
import { choosePalette } from './palettes.js';
import { seedFrom } from './seed.js';
import type { Template } from './stage.js';
import { arch } from './templates/arch.js';
import { badge } from './templates/badge.js';
import { bars } from './templates/bars.js';
import { echo } from './templates/echo.js';
import { poster } from './templates/poster.js';
import { repeat } from './templates/repeat.js';
import { stack } from './templates/stack.js';
import { sunset } from './templates/sunset.js';

export const templates: readonly Template[] = [stack, badge, sunset, arch, poster, echo, bars, repeat];

export interface DesignBrief {
  readonly ideaId: string;
  readonly phrase: string;
  readonly topics: readonly string[];
}

/** A finished composition: paint it on any canvas whose units are pixels of the print file. */
export interface Design {
  readonly template: string;
  readonly palette: Palette;
  paint(ctx: SKRSContext2D): void;
}

/**
 * Composes a design. Template, palette and icon follow from idea, phrase and topics alone, so the same brief always gives
 * the same picture.
 */
export function composeDesign(brief: DesignBrief): Design {
  const words = wordsOf(brief.phrase.toLocaleUpperCase('en'));
  const spoken = [...brief.topics.flatMap((topic) => [topic, ...topic.split(/[\s_-]+/u)]), ...wordsOf(brief.phrase)];
  const seed = seedFrom(`${brief.ideaId}\n${brief.phrase}`);
  const palette = choosePalette(spoken, seed);
  const suitable = templates.filter((template) => template.suits(words));
  const template = seed.pick(suitable.length > 0 ? suitable : [stack]);
  return composeWith(template, palette, brief, iconFor(spoken));
}

/** Composes with a given template and palette; what composeDesign ends in, and what a contact sheet needs. */
export function composeWith(template: Template, palette: Palette, brief: DesignBrief, icon: string): Design {
  const words = wordsOf(brief.phrase.toLocaleUpperCase('en'));
  return {
    template: template.name,
    palette,
    paint: (ctx) => {
      // The drawing library follows the host's language unless it is told one.
      ctx.lang = 'en';
      template.paint({ ctx, words, palette, seed: seedFrom(`${brief.ideaId}\n${template.name}`), icon });
    },
  };
}
