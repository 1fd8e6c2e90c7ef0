import { describe, expect, it } from 'vitest';
import { summarisers } from './summarisers.ts';

const PROFILES = [
  { name: 'demo', kind: 'demo' },
  { name: 'agent', kind: 'hermes' },
  { name: 'work', kind: 'anthropic' },
] as const;

describe('who can summarise', () => {
  it('an agent with tools is not offered', () => {
    expect(summarisers(PROFILES, '')).toEqual(['demo', 'work']);
    expect(summarisers(PROFILES, 'work')).toEqual(['demo', 'work']);
  });

  it.each(['agent', 'deleted'])('what is set is listed, also when it cannot: %s', (chosen) => {
    expect(summarisers(PROFILES, chosen)).toEqual(['demo', 'work', chosen]);
  });
});
