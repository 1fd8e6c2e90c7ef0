import { isObject, type JsonObject, textOf } from '../../json.ts';
import type { DropList } from '../dropped.ts';
import { flagField, neededText, objectField, objectList, textField } from '../field.ts';
import type { NeutralTool, ToolChoice } from '../neutral-request.ts';
import { readCache } from '../read-cache.ts';
import { refuse } from '../translation-failure.ts';
import { tellPart } from './known-fields.ts';

export function readChatTools(tools: JsonObject[], dropped: DropList): NeutralTool[] {
  return tools.map((tool, at) => {
    const path = `tools[${at}]`;
    if (tool['type'] !== 'function' && tool['type'] !== 'custom') {
      throw refuse(path, `The tool “${textOf(tool['type']) ?? '?'}” is not supported here. Offer it as a function.`);
    }
    const isCustom = tool['type'] === 'custom';
    const where = `${path}.${isCustom ? 'custom' : 'function'}`;
    const inner = objectField(tool, isCustom ? 'custom' : 'function', path);
    if (inner === null) throw refuse(where, 'This field is missing.');
    tellPart('offer', tool, path, dropped);
    tellPart(isCustom ? 'customTool' : 'functionTool', inner, where, dropped);
    return {
      kind: isCustom ? 'custom' : 'function',
      name: neededText(inner, 'name', where),
      namespace: null,
      description: textField(inner, 'description', where),
      parameters: isCustom ? null : objectField(inner, 'parameters', where),
      strict: isCustom ? null : flagField(inner, 'strict', where),
      format: isCustom ? (inner['format'] ?? null) : null,
      cache: readCache(tool),
      path,
    };
  });
}

export function readChatToolChoice(choice: unknown, dropped: DropList): ToolChoice | null {
  if (choice == null) return null;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { kind: choice };
  if (isObject(choice)) {
    tellPart('toolChoice', choice, 'tool_choice', dropped);
    switch (choice['type']) {
      case 'function':
      case 'custom': {
        const tool = objectField(choice, choice['type'], 'tool_choice') ?? {};
        tellPart('chosen', tool, `tool_choice.${choice['type']}`, dropped);
        return { kind: 'tool', name: neededText(tool, 'name', 'tool_choice') };
      }
      case 'allowed_tools': {
        const allowed = objectField(choice, 'allowed_tools', 'tool_choice') ?? {};
        const names = objectList(allowed, 'tools', 'tool_choice.allowed_tools').map((tool) =>
          neededText(objectField(tool, tool['type'] === 'custom' ? 'custom' : 'function') ?? {}, 'name', 'tool_choice'),
        );
        return { kind: 'allowed', required: allowed['mode'] === 'required', names };
      }
      default:
    }
  }
  throw refuse('tool_choice', 'This is “auto”, “none”, “required”, or names a function.');
}
