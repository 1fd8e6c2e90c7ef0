import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What a file imports as values before it is evaluated; `import()` is later, and types are never. */
function importsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) return [];
    if (isImport ? statement.importClause?.isTypeOnly === true : statement.isTypeOnly) return [];
    const named = isImport ? statement.importClause?.namedBindings : statement.exportClause;
    const hasDefault = isImport && statement.importClause?.name !== undefined;
    const isEveryOneAType =
      named !== undefined &&
      (ts.isNamedImports(named) || ts.isNamedExports(named)) &&
      named.elements.every((element) => element.isTypeOnly);
    if (isEveryOneAType && !hasDefault) return [];
    const { moduleSpecifier } = statement;
    return moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [];
  });
}

/** Each file and package that an entry evaluates before it runs, with who asked for it first. */
function evaluatedBy(entry: string): Map<string, string> {
  const found = new Map([[entry, '']]);
  for (const [file] of found) {
    if (!file.endsWith('.ts')) continue;
    for (const name of importsOf(join(ROOT, file))) {
      const target = name.startsWith('#contract/')
        ? `src-preload/contract/${name.slice('#contract/'.length)}.ts`
        : name.startsWith('.')
          ? resolve('/', dirname(file), name).slice(1)
          : name;
      if (!found.has(target)) found.set(target, file);
    }
  }
  return found;
}

const LATER = [
  /^zod$/,
  /^socket\.io$/,
  /^undici$/,
  /^yazl$/,
  /^electron-updater$/,
  /^@pydantic\/genai-prices$/,
  /^node:http$/,
  /^src-preload\/contract\/routes\.schema\.ts$/,
  /^src-main\/wiring\/compose-endpoints\.ts$/,
  /^src-main\/gateway\/translate\/translation\.ts$/,
];

it.each(['src-main/headless-host.ts', 'src-main/electron.ts'])(
  'a start of %s evaluates nothing that only later requests need',
  (entry) => {
    const evaluated = evaluatedBy(entry);
    // The walk itself works: what every start needs is found behind several files.
    expect([...evaluated.keys()]).toEqual(expect.arrayContaining(['better-sqlite3', 'src-main/store/store.ts']));
    const tooEarly = [...evaluated].filter(([name]) => LATER.some((each) => each.test(name)));
    expect(tooEarly.map(([name, by]) => `${name}, for ${by}`)).toEqual([]);
  },
);
