import { z } from 'zod';
import { choices, runInput } from './schemas.ts';

/** Who answers, drawn as LangGraph's clients draw an agent: it answers, calls tools, and answers again. */
export function assistantGraph(): Record<string, unknown> {
  const node = (id: string) => ({ id, type: 'runnable', data: { id: [id], name: id } });
  return {
    nodes: [
      { id: '__start__', type: 'schema', data: '__start__' },
      node('agent'),
      node('tools'),
      { id: '__end__', type: 'schema', data: '__end__' },
    ],
    edges: [
      { source: '__start__', target: 'agent' },
      { source: 'agent', target: 'tools', conditional: true },
      { source: 'tools', target: 'agent' },
      { source: 'agent', target: '__end__', conditional: true },
    ],
  };
}

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

const STATE = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['messages'],
  properties: {
    messages: {
      type: 'array',
      items: {
        type: 'object',
        required: ['type', 'id', 'content'],
        properties: { type: { enum: ['human', 'ai', 'tool', 'system'] }, id: { type: 'string' }, content: {} },
      },
    },
  },
};

/** What a run takes and gives, from the schemas that requests are checked with. */
export function assistantSchemas(graphId: string): Record<string, unknown> {
  const chosen = schemaOf(choices);
  return {
    graph_id: graphId,
    input_schema: schemaOf(runInput),
    output_schema: STATE,
    state_schema: STATE,
    config_schema: chosen,
    context_schema: chosen,
  };
}
