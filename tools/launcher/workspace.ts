import path from 'node:path';

/** The checkout this tool runs in. */
export const workspaceRoot = path.resolve(import.meta.dirname, '../..');

/** Where everything that a run leaves behind is kept: database, files, logs, keys. Ignored by git. */
export const defaultDataDirectory = path.join(workspaceRoot, '.data');
