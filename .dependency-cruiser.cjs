// The directions of docs/architecture.md as rules. A message names the remedy. scripts/check-boundaries.mjs runs them and
// proves with a canary per rule that each can fail.

/** A test and what only tests use. Tests may reach for anything they need to set a scene. */
const TEST = '\\.test\\.tsx?$|/testing/';

/** A package by name, wherever node_modules is. */
const packages = (names) => `(^|/)node_modules/(${names})(/|$)`;

/** The main process from left to right; a folder imports only what stands to its right, or itself. */
const MAIN_LAYERS = [
  ['compose\\.ts$'],
  ['wiring/'],
  ['ipc/', 'api/', 'windows/'],
  ['diagnostics/'],
  ['data/'],
  ['runs/', 'attachments/'],
  ['usage/'],
  ['gateway/', 'compressor/', 'credentials/'],
  ['store/'],
  ['platform/'],
];

/**
 * The sideways edges that are allowed: the gateway leases keys, and the local server serves the same router as the windows,
 * which it is handed at run time and knows as a type (a rule below).
 */
const SIDEWAYS = { 'gateway/': ['credentials/'], 'api/': ['ipc/(router|viewer)\\.ts$'] };

const mainFolders = MAIN_LAYERS.flat();

const namesOf = (paths) => paths.map((path) => path.replace(/\/$|\\|\$$/g, '')).join(', ');

/** One rule per folder: everything in src-main that is neither itself nor to its right. */
const mainRules = MAIN_LAYERS.flatMap((layer, index) =>
  layer.map((folder) => {
    const allowed = [folder, ...(SIDEWAYS[folder] ?? []), ...MAIN_LAYERS.slice(index + 1).flat()];
    const name = folder.replace(/\\\.ts\$$|\/$/g, '');
    return {
      name: `main-${name}-imports-rightwards`,
      comment:
        `src-main/${name} imports only ${namesOf(allowed.slice(1)) || 'the contract'}. ` +
        'Move the shared part to the right, or take it as a parameter that compose.ts passes in.',
      severity: 'error',
      from: { path: `^src-main/${folder}`, pathNot: TEST },
      to: { path: '^src-main/', pathNot: `^src-main/(${allowed.join('|')})` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...mainRules,
    {
      name: 'api-is-handed-its-router',
      comment: 'compose.ts hands the router to the local server. Import its types with `import type`.',
      severity: 'error',
      from: { path: '^src-main/api/', pathNot: TEST },
      to: { path: '^src-main/ipc/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'main-has-known-folders',
      comment:
        'A new folder of src-main needs its place in the order: add it to MAIN_LAYERS in .dependency-cruiser.cjs.',
      severity: 'error',
      from: {},
      to: { path: '^src-main/.+/', pathNot: `^src-main/(${mainFolders.join('|')}|testing/)` },
    },
    {
      name: 'main-entries-are-not-imported',
      comment:
        'electron.ts and headless.ts are where a process begins. Move what you need into compose.ts or below it.',
      severity: 'error',
      from: { path: '^src-', pathNot: TEST },
      to: { path: '^src-main/(electron|headless)\\.ts$' },
    },
    {
      name: 'renderer-and-main-are-strangers',
      comment:
        'The renderer knows the main process only through #contract and its api client. Add a route to the contract.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/|^src-preload/(?!contract/)' },
    },
    {
      name: 'main-knows-no-renderer',
      comment: 'The main process never imports the renderer. Put what both need into src-preload/contract.',
      severity: 'error',
      from: { path: '^src-(main|preload)/' },
      to: { path: '^src-renderer/' },
    },
    {
      name: 'preload-is-contract-only',
      comment: 'The preload passes two functions on and knows the contract only.',
      severity: 'error',
      from: { path: '^src-preload/index\\.ts$' },
      to: { pathNot: `^src-preload/contract/|${packages('electron')}` },
    },
    {
      name: 'contract-stands-alone',
      comment:
        'The contract holds types, constants and pure functions: no Node, no DOM, no Electron, no package but zod. ' +
        'Move the code with effects to src-main/platform.',
      severity: 'error',
      from: { path: '^src-preload/contract/', pathNot: TEST },
      to: { pathNot: `^src-preload/contract/|${packages('zod')}` },
    },
    {
      name: 'only-schemas-carry-zod',
      comment:
        'zod as a value belongs to routes.schema.ts and schemas/: preload and renderer ship without it. Use `import type`.',
      severity: 'error',
      from: {
        path: '^src-(preload|renderer)/',
        pathNot: `^src-preload/contract/(routes\\.schema\\.ts$|schemas/)|${TEST}`,
      },
      to: { path: packages('zod'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'schemas-are-checked-at-the-border',
      comment:
        'routes.schema is a value only in src-main/ipc and src-main/api. Take the types from #contract/routes with `import type`.',
      severity: 'error',
      from: {
        path: '^(src-|e2e/)',
        pathNot: `^src-main/(ipc|api)/|^src-preload/contract/(routes\\.schema\\.ts$|schemas/)|${TEST}`,
      },
      to: { path: '^src-preload/contract/(routes\\.schema\\.ts$|schemas/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-stays-in-its-shell',
      comment:
        'Only electron.ts, windows/, ipc/electron-transport.ts, credentials/electron-cipher.ts and the preload import ' +
        '`electron`: on plain Node it starts a download and throws. Pass what you need in as HostCapabilities.',
      severity: 'error',
      from: {
        path: '^(src-|e2e/|bench/|scripts/)',
        pathNot:
          '^src-main/(electron|electron-shell\\.test)\\.ts$|^src-main/windows/|^src-main/ipc/electron-transport(\\.test)?\\.ts$|' +
          '^src-main/credentials/electron-cipher(\\.test)?\\.ts$|^src-main/testing/electron-stub\\.ts$|^src-preload/index\\.ts$',
      },
      to: { path: packages('electron') },
    },
    {
      name: 'only-the-store-knows-sqlite',
      comment: 'SQL lives in src-main/store. Add a method to a repository there.',
      severity: 'error',
      from: { path: '^(src-|e2e/)', pathNot: `^src-main/store/|${TEST}` },
      to: { path: packages('(@types/)?better-sqlite3') },
    },
    {
      name: 'renderer-has-no-node',
      comment: 'The window is sandboxed: no Node modules there. Ask the main process through a route.',
      severity: 'error',
      from: { path: '^src-renderer/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'features-are-strangers',
      comment:
        'A feature never imports another feature. Move the shared part to ui/, ipc/ or the contract, or join them in app.tsx.',
      severity: 'error',
      from: { path: '^src-renderer/features/([^/]+)/', pathNot: TEST },
      to: { path: '^src-renderer/features/([^/]+)/', pathNot: '^src-renderer/features/$1/' },
    },
    {
      name: 'features-know-no-app',
      comment:
        'app.tsx and main.tsx put the features together; a feature gets what it needs as props or from its store.',
      severity: 'error',
      from: { path: '^src-renderer/[^/]+/', pathNot: TEST },
      to: { path: '^src-renderer/(app|main)\\.tsx?$' },
    },
    {
      name: 'renderer-base-knows-no-features',
      comment:
        'ui/, ipc/, commands/ and errors/ serve every feature and know none. Take the part as a property or a callback.',
      severity: 'error',
      from: { path: '^src-renderer/(ui|ipc|errors|locales|commands)/', pathNot: TEST },
      to: { path: '^src-renderer/features/' },
    },
    {
      name: 'ui-only-draws',
      comment: 'ui/ holds components that know neither transport nor errors. Pass the data and the callback in.',
      severity: 'error',
      from: { path: '^src-renderer/ui/', pathNot: TEST },
      to: { path: '^src-renderer/(ipc|errors)/' },
    },
    {
      name: 'renderer-ipc-draws-nothing',
      comment: 'ipc/ brings events and answers; it shows nothing.',
      severity: 'error',
      from: { path: '^src-renderer/ipc/', pathNot: TEST },
      to: { path: '^src-renderer/(ui|errors)/' },
    },
    {
      name: 'product-knows-no-tests',
      comment: 'What ships imports neither tests nor their support, neither e2e/ nor bench/ nor scripts/.',
      severity: 'error',
      from: { path: '^src-', pathNot: TEST },
      to: { path: `^(e2e|bench|scripts)/|^src-.*(${TEST})` },
    },
    {
      name: 'e2e-is-a-stranger',
      comment:
        'End-to-end tests and the fake upstream use the built product from outside; only the contract is shared.',
      severity: 'error',
      from: { path: '^e2e/' },
      to: { path: '^src-(main|renderer)/|^src-preload/(?!contract/)' },
    },
    {
      name: 'scripts-need-nothing-installed',
      comment: 'Scripts run before npm ci on a fresh clone: Node’s own modules only.',
      severity: 'error',
      from: { path: '^scripts/.+\\.mjs$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-cycles',
      comment:
        'Two files that need each other are one file, or a third is missing. `import type` alone makes no cycle.',
      severity: 'error',
      from: { path: '^(src-|e2e/|scripts/|bench/)' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'everything-resolves',
      comment:
        'This import leads nowhere: its rules cannot be checked. Imports end in .ts; the contract is #contract/<file>.',
      severity: 'error',
      from: { path: '^(src-|e2e/|scripts/|bench/)' },
      to: { couldNotResolve: true, pathNot: '[?]' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^out/', '^dist/', '^test-results/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // Type imports are edges too, and are told apart from value imports.
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.jsx', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
