export { acquireEmbeddedPostgres } from './embedded.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded.js';
export { EmbeddedPostgresError } from './embedded.errors.js';
export type { EmbeddedPostgresErrorCode } from './embedded.errors.js';
