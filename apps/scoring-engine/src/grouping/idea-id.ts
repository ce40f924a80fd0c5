import { createHash } from 'node:crypto';

/** An idea's id follows from its founding signal's, so that the same signals make the same ideas: a UUID of version 8. */
export function ideaIdOf(signalId: string): string {
  const hex = createHash('sha256').update(`idea:${signalId}`).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
