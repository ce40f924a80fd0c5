import { z } from 'zod';

export const imageHash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');
export const sku = z.string().regex(/^[A-Z0-9-]{4,40}$/, 'expected 4 to 40 capitals, digits or hyphens');

const copy = {
  title: z.string().trim().min(1).max(140),
  description: z.string().trim().min(1).max(5_000),
  tags: z.array(z.string().trim().min(1).max(20)).max(13),
  /** In the currency's minor unit. */
  price: z.object({ amountMinor: z.int().min(1).max(10_000_000), currency: z.string().regex(/^[A-Z]{3}$/) }),
};

/** What a seller sends to open a listing. */
export const newListing = z.object({ sku, product: z.string().min(1).max(40), imageHash, ...copy });
export type NewListing = z.output<typeof newListing>;

/** What a seller may change later. */
export const listingChange = z
  .object(copy)
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change');
export type ListingChange = z.output<typeof listingChange>;

/** What the marketplace itself may do to a listing. */
export const adminChange = z
  .strictObject({
    title: copy.title,
    /** In minor units of the listing's currency. */
    priceMinor: copy.price.shape.amountMinor,
    /** Under review. */
    flagged: z.boolean(),
    /** Taken from the shelf; `false` puts it back as it was. */
    removed: z.boolean(),
  })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change');
export type AdminChange = z.output<typeof adminChange>;

const share = z.number().min(0).max(1).default(0);

/** Which calls of the API go wrong, and for how long. What is left out does not. */
export const faultPlan = z
  .strictObject({
    /** Share of calls that are carried out and then answered with 503. */
    failAfterCommit: share,
    /** Share of calls that are carried out and then answered late. */
    hang: share,
    hangSeconds: z.number().positive().max(60).default(30),
    /** Share of calls that are refused with 429 before anything is done. */
    rateLimit: share,
    retryAfterSeconds: z.int().min(1).max(300).default(1),
    /** The same seed draws the same calls. */
    seed: z.int().min(0).max(0xffffffff).default(1),
    /** Then all is well again. */
    forSeconds: z.number().positive().max(3_600).default(60),
  })
  .refine(
    ({ failAfterCommit, hang, rateLimit }) => failAfterCommit + hang + rateLimit <= 1,
    'the shares are more than 1',
  );
export type FaultPlan = z.output<typeof faultPlan>;

const limit = z.coerce.number().int().min(1).max(100);
const position = z.string().regex(/^[1-9]\d{0,17}$/, 'expected a cursor of an earlier page');

export const apiPage = z.object({ sku: sku.optional(), limit: limit.default(50), cursor: position.optional() });
export type ApiPage = z.output<typeof apiPage>;

/** A gallery's address may be typed by hand, so it forgives. */
export const galleryPage = z.object({ before: position.optional().catch(undefined) });
export type GalleryPage = z.output<typeof galleryPage>;

export const detailQuery = z.object({ done: z.enum(['favourite', 'buy']).optional().catch(undefined) });
export type DetailQuery = z.output<typeof detailQuery>;
