import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, type ChoiceQuestion, chooseCredential, TROUBLE_FORGOTTEN_MS } from './choose-credential.ts';
import type { Cooldown } from './cooldown.ts';

const NOW_MS = 1_800_000_000_000;
const key = (id: string, fields: Partial<Candidate> = {}): Candidate => ({
  id,
  priority: 0,
  limit: 0,
  inFlight: 0,
  lastUse: 0,
  troubleAtMs: null,
  disabledReason: null,
  nextTrialAtMs: 0,
  origin: 'https://a',
  canOpen: true,
  models: null,
  cooldowns: new Map(),
  isProbing: false,
  ...fields,
});
const ask = (fields: Partial<ChoiceQuestion> = {}): ChoiceQuestion => ({
  mode: 'priority',
  origin: 'https://a',
  model: 'm',
  boundId: null,
  tried: null,
  out: null,
  preferredId: null,
  overflow: false,
  aside: false,
  nowMs: NOW_MS,
  ...fields,
});
const rest = (fields: Partial<Cooldown> = {}): Cooldown => ({
  kind: 'rate_limit',
  source: 'provider',
  reason: 'busy',
  fromMs: NOW_MS,
  untilMs: NOW_MS + 60_000,
  probes: 0,
  ...fields,
});
const resting = (model = '', fields: Partial<Cooldown> = {}) => ({ cooldowns: new Map([[model, rest(fields)]]) });
const chosen = (keys: readonly Candidate[], question: ChoiceQuestion): string => {
  const choice = chooseCredential(keys, question);
  return choice.kind === 'take' ? choice.candidate.id + (choice.asProbe ? ' as probe' : '') : choice.kind;
};

describe('[E10-04] the order of keys', () => {
  const keys = [
    key('late', { priority: 5, inFlight: 0, lastUse: 1 }),
    key('busy', { priority: 1, inFlight: 2, lastUse: 2 }),
    key('used', { priority: 1, inFlight: 1, lastUse: 9 }),
    key('hurt', { priority: 1, inFlight: 0, troubleAtMs: NOW_MS - 1000 }),
  ];
  test('by priority: the lowest number, then without recent trouble, then the least recently used', () => {
    expect(chosen(keys, ask())).toBe('busy');
    expect(chosen(keys, ask({ out: new Set(['busy']) }))).toBe('used');
    expect(chosen(keys, ask({ out: new Set(['busy', 'used']) }))).toBe('hurt');
    expect(chosen(keys, ask({ out: new Set(['busy', 'used', 'hurt']) }))).toBe('late');
  });

  test('balanced: the fewest requests, then without recent trouble, whatever the priority', () => {
    expect(chosen(keys, ask({ mode: 'balanced' }))).toBe('late');
    expect(chosen(keys, ask({ mode: 'balanced', out: new Set(['late']) }))).toBe('hurt');
    expect(chosen(keys, ask({ mode: 'balanced', out: new Set(['late', 'hurt']) }))).toBe('used');
  });

  test('trouble is forgotten after a while, or a key would never be chosen again', () => {
    const old = key('old', { troubleAtMs: NOW_MS - TROUBLE_FORGOTTEN_MS, lastUse: 1 });
    expect(chosen([old, key('new', { lastUse: 2 })], ask())).toBe('old');
  });

  test('the order of the list decides nothing', () => {
    const candidate = fc.record({
      priority: fc.nat(2),
      inFlight: fc.nat(2),
      limit: fc.nat(2),
      lastUse: fc.nat(3),
      troubleAtMs: fc.option(fc.constantFrom(NOW_MS - 1, NOW_MS - TROUBLE_FORGOTTEN_MS)),
      cooldowns: fc.constantFrom(new Map(), resting().cooldowns, resting('m').cooldowns),
      disabledReason: fc.constantFrom(null, null, 'manual'),
    });
    fc.assert(
      fc.property(
        fc.array(candidate, { maxLength: 6 }),
        fc.constantFrom('priority' as const, 'balanced' as const),
        fc.func(fc.nat()),
        (fields, mode, order) => {
          const keys = fields.map((each, index) => key(`k${index}`, each));
          const shuffled = [...keys].sort((a, b) => order(a.id) - order(b.id));
          expect(chosen(shuffled, ask({ mode }))).toBe(chosen(keys, ask({ mode })));
        },
      ),
    );
  });
});

describe('[E10-06] a conversation’s key', () => {
  const better = key('better', { priority: -1 });
  test('goes before a better one', () => {
    expect(chosen([better, key('bound')], ask({ boundId: 'bound' }))).toBe('bound');
    expect(chosen([key('bound'), better], ask({ boundId: 'bound' }))).toBe('bound');
  });
  test.each([
    ['rests', key('bound', resting())],
    ['rests for this model', key('bound', resting('m'))],
    ['is switched off', key('bound', { disabledReason: 'manual' })],
    ['is full', key('bound', { limit: 1, inFlight: 1 })],
    ['is locked', key('bound', { canOpen: false })],
    ['may not be used for the model', key('bound', { models: new Set(['other']) })],
  ])('yields when it %s', (_what, bound) => {
    expect(chosen([better, bound], ask({ boundId: 'bound' }))).toBe('better');
  });
  test('[E10-07] yields when this request has tried it', () => {
    expect(chosen([better, key('bound')], ask({ boundId: 'bound', tried: new Set(['bound']) }))).toBe('better');
  });
});

describe('[E10-07] keys that a request has tried', () => {
  const keys = [key('a', { priority: 0 }), key('b', { priority: 1 })];
  test('come last, and come back when all were tried', () => {
    expect(chosen(keys, ask({ tried: new Set(['a']) }))).toBe('b');
    expect(chosen(keys, ask({ tried: new Set(['a', 'b']) }))).toBe('a');
    expect(chosen([key('only')], ask({ tried: new Set(['only']) }))).toBe('only');
  });
  test('a key that refused this request does not come back', () => {
    expect(chosen(keys, ask({ out: new Set(['a']), tried: new Set(['a', 'b']) }))).toBe('b');
    expect(chooseCredential(keys, ask({ out: new Set(['a', 'b']) }))).toEqual({ kind: 'blocked', obstacle: 'out' });
  });
  test('a renewed token is tried at once, also where another key is bound', () => {
    expect(chosen(keys, ask({ preferredId: 'b' }))).toBe('b');
    expect(chosen(keys, ask({ preferredId: 'b', boundId: 'a' }))).toBe('b');
    expect(chosen([keys[0] ?? key('a')], ask({ preferredId: 'gone', boundId: 'a' }))).toBe('a');
  });
});

describe('[E10-08] [E10-09] [BUG-D4] limits', () => {
  const full = key('full', { limit: 2, inFlight: 2 });
  test('a full key is passed over, the bound one too', () => {
    expect(chosen([full, key('free', { priority: 9 })], ask({ boundId: 'full' }))).toBe('free');
  });
  test('when all are full the request waits; going beyond is a choice', () => {
    expect(chosen([full], ask())).toBe('full');
    expect(chosen([full], ask({ overflow: true }))).toBe('full');
    expect(chooseCredential([full], ask({ overflow: true })).kind).toBe('take');
  });
  test('a resting key is no reason to go beyond the limit of another', () => {
    expect(chosen([full, key('rests', resting())], ask())).toBe('full');
  });
});

describe('[E10-14] when every key rests', () => {
  test('it is said when the first may be tried', () => {
    const keys = [key('a', resting('', { untilMs: NOW_MS + 100_000 })), key('b', resting())];
    expect(chooseCredential(keys, ask())).toMatchObject({
      kind: 'cooling',
      readyAtMs: NOW_MS + 15_000,
      hangsOnProbe: false,
    });
  });
  test('[E10-20] our own guess is put to the test, by one request at a time', () => {
    const own = resting('', { source: 'policy' });
    expect(chosen([key('a', own)], ask())).toBe('a as probe');
    expect(chooseCredential([key('a', { ...own, isProbing: true })], ask())).toMatchObject({
      kind: 'cooling',
      hangsOnProbe: true,
    });
  });
  test('[E10-21] a suspicion of abuse is not', () => {
    const keys = [key('a', resting('', { source: 'policy', kind: 'suspicious_activity' }))];
    expect(chooseCredential(keys, ask())).toMatchObject({ kind: 'cooling', readyAtMs: NOW_MS + 60_000 });
  });
  test('the one that failed longest ago is the least bad', () => {
    const own = resting('', { source: 'policy' });
    const keys = [key('a', { ...own, troubleAtMs: NOW_MS - 1 }), key('b', { ...own, troubleAtMs: NOW_MS - 9 })];
    expect(chosen(keys, ask())).toBe('b as probe');
    expect(chosen(keys, ask({ tried: new Set(['b']) }))).toBe('a as probe');
  });
  test('[E10-13] a rest for one model leaves the others', () => {
    expect(chosen([key('a', resting('other'))], ask())).toBe('a');
    expect(chosen([key('a', resting('m'))], ask({ model: 'm' }))).toBe('cooling');
    expect(chosen([key('a', resting(''))], ask({ model: 'any' }))).toBe('cooling');
  });
});

describe('when no key can be used, the reason that a person can mend', () => {
  test.each([
    ['none', []],
    ['disabled', [key('a', { disabledReason: 'manual' })]],
    ['quota', [key('a', { disabledReason: 'quota_exhausted' }), key('b', { disabledReason: 'manual' })]],
    ['sign-in', [key('a', { disabledReason: 'invalid_refresh_token' })]],
    ['refused', [key('a', { disabledReason: 'too_many_failures', nextTrialAtMs: NOW_MS + 1 })]],
    ['other-origin', [key('a', { origin: 'https://b' })]],
    ['locked', [key('a', { canOpen: false }), key('b', { origin: 'https://b' })]],
    ['model', [key('a', { models: new Set(['x']) })]],
  ] as const)('%s', (obstacle, keys) => {
    expect(chooseCredential<Candidate>(keys, ask())).toEqual({ kind: 'blocked', obstacle });
  });

  test('[E10-20] [BUG-D10] a refused key is tried again when its time has come, by one request, and only when nothing else is left', () => {
    const refused = key('a', { disabledReason: 'too_many_failures', nextTrialAtMs: NOW_MS });
    expect(chosen([refused], ask())).toBe('a as probe');
    expect(chosen([{ ...refused, isProbing: true }], ask())).toBe('blocked');
    expect(chosen([refused, key('b')], ask())).toBe('b');
    expect(chosen([refused, key('b', resting())], ask())).toBe('cooling');
  });

  test('a question beside the answers waits for nothing', () => {
    expect(chosen([key('a', { ...resting(), limit: 1, inFlight: 1 })], ask({ aside: true }))).toBe('a');
  });
});
