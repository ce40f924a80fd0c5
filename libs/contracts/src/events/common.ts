import { z } from 'zod';

/** RFC 3339 instant in UTC, e.g. `2026-05-04T09:30:00.000Z`. */
export const timestamp = z.iso.datetime();
export const uuid = z.uuid();
/** Lower-case hexadecimal SHA-256 of a file's bytes or of a command's meaning. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');

/** A file that mockup-generation stores under its content hash and serves at `/files/<hash>`. */
export const storedFile = z.object({
  hash: sha256,
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp']),
  /** Size in bytes. */
  bytes: z.int().positive(),
  /** Pixels. */
  width: z.int().positive(),
  /** Pixels. */
  height: z.int().positive(),
});
export type StoredFile = z.output<typeof storedFile>;

/** Products that a design is printed on. */
export const product = z.enum(['t-shirt', 'mug', 'poster']);
export type Product = z.output<typeof product>;

export const preview = z.object({ product, file: storedFile });
export type Preview = z.output<typeof preview>;

/** What a listing says about itself. */
export const listingCopy = z.object({
  title: z.string().min(1).max(140),
  description: z.string().min(1).max(5_000),
  tags: z.array(z.string().min(1).max(20)).max(13),
});
export type ListingCopy = z.output<typeof listingCopy>;

/** Marketplaces that exist today. The storefront is the built-in one. */
export const marketplace = z.enum(['storefront']);
export type Marketplace = z.output<typeof marketplace>;

/** An amount in the currency's minor unit (cents), so that no price is ever a fraction of a float. */
export const money = z.object({ amountMinor: z.int().nonnegative(), currency: z.string().regex(/^[A-Z]{3}$/) });
export type Money = z.output<typeof money>;

/** Why something failed: a stable code that machines compare and a message that people read. */
export const failure = z.object({ code: z.string().min(1).max(100), message: z.string().min(1).max(1_000) });
