import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// What the compiler does not see: promises nobody waits for, switches with a missing case, swallowed errors, tests that
// sleep. Layout belongs to Biome, directions between folders to .dependency-cruiser.cjs.

const TESTS = ['**/*.test.{ts,tsx}', '**/testing/**/*.{ts,tsx}', 'e2e/**/*.{ts,tsx}'];

/** Imports that are never right, whatever the folder; the message names the remedy. */
const RESTRICTED_IMPORTS = [
  { group: ['**/src-preload/contract/*'], message: 'Import the contract as #contract/<file>.' },
  { group: ['#contract/*.ts', '#contract/*.js'], message: 'The subpath has no ending: #contract/<file>.' },
];
const RESTRICTED_NAMES = [
  {
    name: 'timers/promises',
    message: 'Take a Clock as a parameter and use delay() of platform/clock.ts, so that a test can move time.',
  },
  {
    name: 'node:timers/promises',
    message: 'Take a Clock as a parameter and use delay() of platform/clock.ts, so that a test can move time.',
  },
];

/** Types cost nothing. */
const COSTLY_NAMES = [
  {
    name: 'node:http',
    allowTypeImports: true,
    message: 'Take it from platform/node-http.ts: an import brings in a copy of undici that nobody uses.',
  },
];

const SLEEP_MESSAGE =
  'A test that sleeps is slow and still fails now and then. Move a ManualClock, or wait for the fact itself (an event, vi.waitFor, expect.poll).';

const SLEEPS = [
  {
    selector: "CallExpression[callee.name='setTimeout'][arguments.1.type='Literal'][arguments.1.value>=100]",
    message: SLEEP_MESSAGE,
  },
  {
    selector: "CallExpression[callee.property.name='setTimeout'][arguments.1.type='Literal'][arguments.1.value>=100]",
    message: SLEEP_MESSAGE,
  },
  {
    selector: "CallExpression[callee.property.name='waitForTimeout']",
    message: SLEEP_MESSAGE,
  },
];

export default defineConfig(
  {
    ignores: ['out/', 'dist/', 'node_modules/', 'test-results/', 'playwright-report/', 'coverage/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    extends: [tseslint.configs.base],
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-debugger': 'error',
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      'no-unsafe-finally': 'error',
      'no-fallthrough': 'error',
      'no-self-assign': 'error',
      'no-loss-of-precision': 'error',
      'no-async-promise-executor': 'error',
      'no-useless-catch': 'error',
      'use-isnan': 'error',
      'valid-typeof': 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-empty-object-type': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-misused-spread': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      // `any` and `unknown` are what AbortSignal.reason and a caught value are typed as; both are passed on as they came.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowThrowingAny: true }],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      'no-restricted-imports': ['error', { patterns: RESTRICTED_IMPORTS }],
    },
  },
  {
    files: ['src-*/**/*.{ts,tsx}'],
    ignores: TESTS,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-restricted-imports': ['error', { paths: COSTLY_NAMES }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    files: ['src-main/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-imports': ['error', { paths: RESTRICTED_NAMES, patterns: RESTRICTED_IMPORTS }],
    },
  },
  {
    files: ['src-*/**/*.{ts,tsx}'],
    ignores: ['src-main/headless.ts', 'src-main/electron.ts'],
    // The log file is redacted, the console is not; and in the headless host stdout belongs to its first line.
    rules: { 'no-console': 'error' },
  },
  {
    files: ['src-renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: TESTS,
    rules: { 'no-restricted-syntax': ['error', ...SLEEPS] },
  },
);
