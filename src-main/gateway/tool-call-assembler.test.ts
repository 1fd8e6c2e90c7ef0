import { expect, it } from 'vitest';
import { MOST_CALLS, ToolCallAssembler } from './tool-call-assembler.ts';

it('[E7-01] a model that asks for tools without end is cut off in words; those that came before are kept', () => {
  const calls = new ToolCallAssembler();
  for (let index = 0; index < MOST_CALLS; index++) expect(calls.begin(index, `c${index}`, 'ls')).toHaveLength(1);
  // More of one that is known is not one more.
  expect(calls.begin(0, 'c0', 'ls')).toEqual([]);
  expect(() => calls.begin(MOST_CALLS, 'one too many', 'ls')).toThrow(/more than 1,?000 tools at once/);
  expect(calls.grow(5, '{"path":"."}')).toEqual([]);
  expect(calls.complete(5)).toMatchObject([{ callId: 'c5', arguments: '{"path":"."}' }]);
});
