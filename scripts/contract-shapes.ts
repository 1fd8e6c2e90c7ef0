import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
const CONTRACT = join(ROOT, 'src-preload', 'contract');

/** One field as a reader of the wire meets it. */
export interface Field {
  name: string;
  isOptional: boolean;
  isNullable: boolean;
  /** What it is when it is not null; `object` for everything that is none of the others. */
  kind: 'number' | 'text' | 'yes or no' | 'list' | 'null' | 'object';
}

/** The fields of types of the contract, asked from the compiler: what a page says of them can be held to it. */
export interface ContractShapes {
  /** The fields of the type that was given under this name. */
  fields(name: string): Field[];
}

/** Imports that make every name of `expressions` known to a file that does not exist. */
const PRELUDE = `
import type * as Events from '${CONTRACT}/events.ts';
import type * as Messages from '${CONTRACT}/message.ts';
import type * as Records from '${CONTRACT}/records.ts';
import type * as Parameters from '${CONTRACT}/model-parameters.ts';
import type * as Errors from '${CONTRACT}/errors.ts';
import type * as Routes from '${CONTRACT}/routes.ts';
import type * as Answers from '${join(ROOT, 'src-main', 'api', 'chat-run-answers.ts')}';
`;

const NOTHING = ts.TypeFlags.Null | ts.TypeFlags.Undefined;

function kindOf(checker: ts.TypeChecker, parts: readonly ts.Type[]): Field['kind'] {
  const all = (flag: ts.TypeFlags) => parts.every((part) => (part.flags & flag) !== 0);
  if (parts.length === 0) return 'null';
  if (all(ts.TypeFlags.NumberLike)) return 'number';
  if (all(ts.TypeFlags.StringLike)) return 'text';
  if (all(ts.TypeFlags.BooleanLike)) return 'yes or no';
  return parts.every((part) => checker.isArrayType(part)) ? 'list' : 'object';
}

/**
 * @param expressions TypeScript types by name, written against the namespaces of the prelude. They are compiled together,
 *   since starting the compiler is what costs.
 * @throws when one of them does not compile.
 */
export function readContractShapes(expressions: Readonly<Record<string, string>>): ContractShapes {
  const file = join(ROOT, 'scripts', 'contract-shapes.virtual.ts');
  const names = Object.keys(expressions);
  const text = PRELUDE + names.map((name, at) => `export type T${at} = ${expressions[name]};`).join('\n');
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, { ...ts.sys, readDirectory: () => [] }, ROOT);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, version, ...rest) =>
    path === file ? ts.createSourceFile(path, text, version) : getSourceFile(path, version, ...rest);
  const program = ts.createProgram([file], { ...options, types: [], noUnusedLocals: false }, host);
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error('The compiler does not know its own file.');
  const problems = program.getSemanticDiagnostics(source);
  if (problems.length > 0) {
    throw new Error(problems.map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, '\n')).join('\n'));
  }
  const checker = program.getTypeChecker();
  const types = new Map(
    source.statements
      .filter((statement) => ts.isTypeAliasDeclaration(statement))
      .map((statement, at) => [names[at], checker.getTypeAtLocation(statement)]),
  );
  const typeOf = (name: string): ts.Type => {
    const type = types.get(name);
    if (type === undefined) throw new Error(`Nothing is called ${name} here.`);
    return type;
  };
  return {
    fields: (name) =>
      checker.getPropertiesOfType(typeOf(name)).map((symbol) => {
        const type = checker.getTypeOfSymbolAtLocation(symbol, source);
        const parts = type.isUnion() ? type.types : [type];
        return {
          name: symbol.name,
          isOptional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
          isNullable: parts.some((part) => (part.flags & ts.TypeFlags.Null) !== 0),
          kind: kindOf(
            checker,
            parts.filter((part) => (part.flags & NOTHING) === 0),
          ),
        };
      }),
  };
}
