const signatures: readonly (readonly [mediaType: string, offset: number, bytes: string])[] = [
  ['image/png', 0, '89504e470d0a1a0a'],
  ['image/jpeg', 0, 'ffd8ff'],
  ['image/webp', 8, '57454250'],
];

export const imageMediaTypes: readonly string[] = signatures.map(([mediaType]) => mediaType);

/** Media type by the first bytes of a picture, or undefined for anything else: what a header says proves nothing. */
export function mediaTypeOf(bytes: Buffer): string | undefined {
  return signatures.find(([, offset, signature]) =>
    bytes.subarray(offset, offset + signature.length / 2).equals(Buffer.from(signature, 'hex')),
  )?.[0];
}
