import type { JsonObject } from '../../json.ts';
import { textOf } from '../../json.ts';
import type { DropList } from '../dropped.ts';
import { flagField, neededText, objectField, textField } from '../field.ts';
import type { NeutralTool } from '../neutral-request.ts';
import { readCache } from '../read-cache.ts';
import { refuse } from '../translation-failure.ts';
import { tellPart } from './known-fields.ts';

/** Tools that only add to what a model can do: without them it answers from what it has. */
const HELPERS = /^(web_search|web_fetch|tool_search_tool)/;

/**
 * The tools of a messages request. A tool that Anthropic's servers run is refused where it is all that the client asked for;
 * beside other tools, what only helps is left out aloud, and what the client itself would have to run is refused.
 */
export function readAnthropicTools(tools: JsonObject[], dropped: DropList): NeutralTool[] {
  const own = tools.filter(isOwn).length;
  return tools.flatMap((tool, at): NeutralTool[] => {
    const path = `tools[${at}]`;
    if (!isOwn(tool)) {
      const type = textOf(tool['type']) ?? '?';
      if (own === 0 || !HELPERS.test(type)) throw unsupportedTool(path, type, 'of the kind anthropic');
      dropped.add(path, `The tool ${type} is run by Anthropic’s servers; the model works without it.`);
      return [];
    }
    tellPart('tool', tool, path, dropped);
    return [
      {
        kind: 'function',
        name: neededText(tool, 'name', path),
        namespace: null,
        description: textField(tool, 'description', path),
        parameters: objectField(tool, 'input_schema', path),
        strict: flagField(tool, 'strict', path),
        format: null,
        cache: readCache(tool),
        path,
      },
    ];
  });
}

function isOwn(tool: JsonObject): boolean {
  return tool['type'] == null || tool['type'] === 'custom';
}

/** A tool that a provider's servers have built in. */
export function unsupportedTool(path: string, type: string, where: string): Error {
  return refuse(
    path,
    `The tool “${type}” is not supported here: it is built into another provider. Choose a profile ${where}, or leave the tool out.`,
  );
}
