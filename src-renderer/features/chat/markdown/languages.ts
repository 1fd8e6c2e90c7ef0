/** Languages by the names that fences give them. Each is loaded by itself, when the first code of it is shown. */
const ALIASES = {
  shellscript: ['bash', 'sh', 'shell', 'zsh', 'console', 'shell-session'],
  c: ['h'],
  clojure: ['clj'],
  cpp: ['c++', 'cc', 'hpp', 'cxx'],
  csharp: ['cs', 'c#'],
  css: [],
  dart: [],
  diff: ['patch'],
  docker: ['dockerfile'],
  elixir: ['ex', 'exs'],
  go: ['golang'],
  graphql: ['gql'],
  haskell: ['hs'],
  html: ['htm', 'xhtml'],
  ini: ['cfg', 'conf', 'properties'],
  java: [],
  javascript: ['js', 'mjs', 'cjs', 'node'],
  json: ['json5', 'jsonl', 'ndjson'],
  jsonc: [],
  jsx: [],
  julia: ['jl'],
  kotlin: ['kt', 'kts'],
  latex: ['tex'],
  lua: [],
  make: ['makefile', 'mk'],
  markdown: ['md'],
  matlab: ['octave'],
  nginx: [],
  'objective-c': ['objc', 'objectivec'],
  perl: ['pl'],
  php: [],
  powershell: ['ps1', 'pwsh'],
  proto: ['protobuf'],
  python: ['py', 'python3', 'py3', 'pycon'],
  r: [],
  ruby: ['rb'],
  rust: ['rs'],
  scala: [],
  scss: [],
  sql: ['postgresql', 'postgres', 'mysql', 'sqlite', 'plsql'],
  svelte: [],
  swift: [],
  terraform: ['tf', 'hcl'],
  toml: [],
  tsx: [],
  typescript: ['ts', 'mts', 'cts'],
  vue: [],
  xml: ['svg', 'xsd', 'plist'],
  yaml: ['yml'],
  zig: [],
} as const satisfies Record<string, readonly string[]>;

export type Language = keyof typeof ALIASES;

const BY_NAME = new Map(
  Object.entries(ALIASES).flatMap(([name, aliases]) => [name, ...aliases].map((each) => [each, name as Language])),
);

/** The language that a fence names, as the highlighter calls it; null for one that it does not know. */
export function knownLanguage(label: string): Language | null {
  return BY_NAME.get(label.toLowerCase()) ?? null;
}

const TITLES: Partial<Record<Language, string>> = {
  cpp: 'C++',
  csharp: 'C#',
  css: 'CSS',
  docker: 'Dockerfile',
  graphql: 'GraphQL',
  html: 'HTML',
  ini: 'INI',
  javascript: 'JavaScript',
  json: 'JSON',
  jsonc: 'JSON with comments',
  jsx: 'JSX',
  latex: 'LaTeX',
  make: 'Makefile',
  matlab: 'MATLAB',
  'objective-c': 'Objective-C',
  php: 'PHP',
  powershell: 'PowerShell',
  proto: 'Protocol Buffers',
  scss: 'SCSS',
  shellscript: 'Shell',
  sql: 'SQL',
  toml: 'TOML',
  tsx: 'TSX',
  typescript: 'TypeScript',
  xml: 'XML',
  yaml: 'YAML',
};

/** A language as people write it; a label that is not known stays as it is. */
export function languageTitle(label: string): string {
  const language = knownLanguage(label);
  if (language === null) return label.toLowerCase() === 'mermaid' ? 'Mermaid' : label;
  return TITLES[language] ?? `${language.charAt(0).toUpperCase()}${language.slice(1)}`;
}
