import { isObject, type JsonObject, textOf } from '../../json.ts';
import { unsupportedTool } from '../anthropic/read-tools.ts';
import type { DropList } from '../dropped.ts';
import { flagField, neededText, objectField, objectList, textField } from '../field.ts';
import type { NeutralTool, ToolChoice } from '../neutral-request.ts';
import { refuse } from '../translation-failure.ts';
import { tellSetting } from './known-fields.ts';

/** Tools that only add to what a model can do: without them it answers from what it has. */
const HELPERS: ReadonlySet<string> = new Set([
  'web_search',
  'web_search_preview',
  'web_search_2025_08_26',
  'web_search_preview_2025_03_11',
  'image_generation',
  'tool_search',
]);

/** There is no kind of profile for it: whether an upstream has the protocol shows when it is asked. */
export const WHERE_TOOLS_ARE = 'whose provider answers OpenAI’s responses protocol itself';

/** The name of a tool within its namespace, as one name. */
export function qualifiedName(namespace: string | null, name: string): string {
  return namespace === null || namespace === '' ? name : `${namespace}__${name}`;
}

/**
 * The tools of a responses request. A tool that OpenAI's servers run is refused where it is all that the client asked for;
 * beside other tools, what only helps is left out aloud, and what the client itself would have to run is refused.
 */
export function readResponsesTools(tools: JsonObject[], dropped: DropList, at = 'tools'): NeutralTool[] {
  const own = tools.filter((tool) => isOwn(tool)).length;
  return tools.flatMap((tool, index): NeutralTool[] => {
    const path = `${at}[${index}]`;
    const type = textOf(tool['type']) ?? '?';
    if (type === 'namespace') {
      const namespace = neededText(tool, 'name', path);
      tellSetting('namespace', tool, path, dropped);
      return objectList(tool, 'tools', path)
        .filter(isOwn)
        .map((inner, innerAt) => readTool(inner, `${path}.tools[${innerAt}]`, namespace, dropped));
    }
    if (isOwn(tool)) return [readTool(tool, path, null, dropped)];
    if (own === 0 || !HELPERS.has(type)) throw unsupportedTool(path, type, WHERE_TOOLS_ARE);
    dropped.add(path, `The tool ${type} is run by OpenAI’s servers; the model works without it.`);
    return [];
  });
}

function isOwn(tool: JsonObject): boolean {
  return tool['type'] === 'function' || tool['type'] === 'custom' || tool['type'] === 'namespace';
}

function readTool(tool: JsonObject, path: string, namespace: string | null, dropped: DropList): NeutralTool {
  const isCustom = tool['type'] === 'custom';
  tellSetting(isCustom ? 'customTool' : 'functionTool', tool, path, dropped);
  return {
    kind: isCustom ? 'custom' : 'function',
    name: qualifiedName(namespace, neededText(tool, 'name', path)),
    namespace,
    description: textField(tool, 'description', path),
    parameters: isCustom ? null : objectField(tool, 'parameters', path),
    strict: isCustom ? null : flagField(tool, 'strict', path),
    format: isCustom ? (tool['format'] ?? null) : null,
    cache: null,
    path,
  };
}

export function readResponsesToolChoice(choice: unknown, dropped: DropList): ToolChoice | null {
  if (choice == null) return null;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { kind: choice };
  if (isObject(choice)) {
    tellSetting('toolChoice', choice, 'tool_choice', dropped);
    if (choice['type'] === 'function' || choice['type'] === 'custom') {
      return { kind: 'tool', name: neededText(choice, 'name', 'tool_choice') };
    }
    if (choice['type'] === 'allowed_tools') {
      const names = objectList(choice, 'tools', 'tool_choice').flatMap((tool, at) =>
        isOwn(tool) ? [neededText(tool, 'name', `tool_choice.tools[${at}]`)] : [],
      );
      return { kind: 'allowed', required: choice['mode'] === 'required', names };
    }
    throw unsupportedTool('tool_choice', textOf(choice['type']) ?? '?', WHERE_TOOLS_ARE);
  }
  throw refuse('tool_choice', 'This is “auto”, “none”, “required”, or names a function.');
}
