import { expect, test } from 'vitest';
import { BINDING_MS, StickyBindings } from './sticky-bindings.ts';

test('[E10-06] bindings are bounded: the one that was used least recently is forgotten', () => {
  const bindings = new StickyBindings();
  for (let index = 0; index < 4096; index++) bindings.bind(`s${index}`, 'a', index);
  // Used again, so it is not the oldest any more.
  bindings.bind('s0', 'b', 5000);
  bindings.bind('new', 'c', 5001);
  expect(bindings.size).toBe(4096);
  expect([bindings.get('s0', 5001), bindings.get('s1', 5001), bindings.get('s2', 5001)]).toEqual(['b', null, 'a']);
});

test('[E10-06] each complete answer keeps it for another hour', () => {
  const bindings = new StickyBindings();
  bindings.bind('s', 'a', 0);
  bindings.bind('s', 'a', BINDING_MS - 1);
  expect(bindings.get('s', 2 * BINDING_MS - 2)).toBe('a');
  expect(bindings.get('s', 2 * BINDING_MS - 1)).toBeNull();
});
