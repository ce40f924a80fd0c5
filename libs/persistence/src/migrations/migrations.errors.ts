/** A migration cannot be applied; the message names the file and says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
