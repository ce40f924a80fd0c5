export { sql } from 'kysely';
export type {
  ColumnType,
  Expression,
  ExpressionBuilder,
  Generated,
  GeneratedAlways,
  Insertable,
  JSONColumnType,
  Kysely,
  RawBuilder,
  Selectable,
  SelectQueryBuilder,
  SqlBool,
  Transaction,
  Updateable,
} from 'kysely';
export { Database } from './database/database.js';
export type { PoolState, TransactionOptions } from './database/database.js';
export { errorCode, isUnavailable, isUniqueViolation } from './database/database.errors.js';
export type { DatabaseOptions } from './database/database.pool.js';
export { migrateWhenThere } from './migrations/migrate-when-there.js';
export type { MigrationOptions } from './migrations/migrate-when-there.js';
export { MigrationError } from './migrations/migrations.errors.js';
export { migrate } from './migrations/migrations.js';
export type { Migrations } from './migrations/migrations.js';
export { PersistenceModule } from './persistence.module.js';
export type { PersistenceOptions } from './persistence.module.js';
