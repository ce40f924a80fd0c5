// Nest 12 is ES modules only, so specs run as native ES modules: Node >= 24.9 and --experimental-vm-modules (set by the
// `test` target in nx.json). swc transpiles; types are checked by the `typecheck` target.
const swc = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
  swcrc: false,
};

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@signalpress/source', 'node', 'node-addons'] },
  coverageDirectory: 'coverage',
  maxWorkers: 2,
  testTimeout: 60_000,
};
