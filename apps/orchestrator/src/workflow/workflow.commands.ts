import { createHash } from 'node:crypto';
import type { Marketplace } from '@signalpress/contracts';

const sha256 = (meaning: string): string => createHash('sha256').update(meaning).digest('hex');

/** Name of the command that asks for mockups. Every attempt is a command of its own, so that late answers are told apart. */
export const mockupsCommandId = (ideaId: string, attempt: number): string => sha256(`${ideaId}:mockups:${attempt}`);

/** Name of the command that asks for a listing: every attempt has the same one, for an idea is listed at most once. */
export const listingCommandId = (ideaId: string, marketplace: Marketplace): string =>
  sha256(`${ideaId}:${marketplace}`);

/**
 * Stock keeping unit of an idea's T-shirt: the first 8 and the last 12 digits of the idea's identifier. The first 8 alone
 * repeat too soon (and at once where identifiers start with the time); 27 characters stay within every marketplace's limit.
 */
export function skuFor(ideaId: string): string {
  const digits = ideaId.replaceAll('-', '').toUpperCase();
  return `SP-${digits.slice(0, 8)}-${digits.slice(-12)}-TS`;
}
