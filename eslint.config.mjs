import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import {
  boundaries,
  boundariesInBrokerSpecs,
  boundariesInSpecs,
  environmentAccess,
  restrictedImports,
} from './tools/eslint/boundaries.mjs';

const projectFiles = ['**/*.ts'];

export default tseslint.config(
  { ignores: ['**/dist', '**/out-tsc', '**/coverage', '**/*.cjs', '**/*.mjs', '**/*.js', 'tools/eslint/fixtures'] },
  js.configs.recommended,
  {
    files: projectFiles,
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries],
      'no-restricted-imports': ['error', restrictedImports],
      ...environmentAccess,
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'List what is public: an index enumerates its exports.' },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 6],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  // The only places that read the environment (see docs/architecture.md).
  {
    files: [
      'apps/*/src/env.ts',
      'libs/observability/src/tracing/environment.ts',
      'libs/testing/src/kafka/kafka.environment.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  // The seat of the broker client.
  {
    files: ['libs/messaging/src/transport/kafka/kafka.client.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { ...restrictedImports, paths: restrictedImports.paths.filter(({ name }) => name !== 'kafkajs') },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundariesInSpecs],
      'no-restricted-imports': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['libs/observability/test/microservices*.spec.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundariesInBrokerSpecs] },
  },
  // What a library offers to specs may build on what specs see.
  {
    files: ['libs/*/src/testing/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundariesInSpecs], 'no-restricted-imports': 'off' },
  },
  // Command line tools talk to a terminal and start processes with an environment.
  {
    files: ['tools/**/*.ts', 'bench/**/*.ts', 'apps/platform-e2e/test/platform.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
);
