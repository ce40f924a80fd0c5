import { z } from 'zod';
import { failure, preview, product, sha256, storedFile, timestamp, uuid } from './common.js';
import { defineEvent } from './event.js';

const hash = 'a'.repeat(64);
const ideaId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01';

/** A command is named by what it means, so that a late or repeated answer is harmless. */
const command = { ideaId: uuid, commandId: sha256, attempt: z.int().positive() };

export const mockupsRequested = defineEvent({
  version: '1.0',
  description: 'The orchestrator wants a design and its product previews.',
  key: 'ideaId',
  schema: z.object({
    ...command,
    phrase: z.string().min(1).max(80),
    topics: z.array(z.string().min(1).max(60)).max(20),
    products: z.array(product).min(1).max(10),
    requestedAt: timestamp,
  }),
  example: {
    ideaId,
    commandId: hash,
    attempt: 1,
    phrase: 'Strawberries Above the Street',
    topics: ['gardening'],
    products: ['t-shirt'],
    requestedAt: '2026-05-04T09:30:02.300Z',
  },
});

export const mockupsGenerated = defineEvent({
  version: '1.0',
  description: 'The print-ready design and its previews are stored and checked.',
  key: 'ideaId',
  schema: z.object({
    ...command,
    design: storedFile,
    previews: z.array(preview).min(1).max(10),
    generatedAt: timestamp,
  }),
  example: {
    ideaId,
    commandId: hash,
    attempt: 1,
    design: { hash, mediaType: 'image/png', bytes: 812_345, width: 4_500, height: 5_400 },
    previews: [
      { product: 't-shirt', file: { hash, mediaType: 'image/webp', bytes: 40_112, width: 1_000, height: 1_000 } },
    ],
    generatedAt: '2026-05-04T09:30:04.000Z',
  },
});

export const mockupsFailed = defineEvent({
  version: '1.0',
  description: 'The design cannot be made as asked; trying the same again would not help.',
  key: 'ideaId',
  schema: z.object({ ...command, ...failure.shape, failedAt: timestamp }),
  example: {
    ideaId,
    commandId: hash,
    attempt: 1,
    code: 'glyph-missing',
    message: 'The font has no glyph for "☂".',
    failedAt: '2026-05-04T09:30:04.000Z',
  },
});
