import fc from 'fast-check';
import type { UsageCall } from '#contract/usage-report';

const count = fc.option(fc.nat(3_000_000), { nil: null });
const name = fc.option(fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }), { nil: null });

/** Calls with everything that may stand in their fields; of programs, as the journal has them. */
export const anyCall: fc.Arbitrary<UsageCall> = fc.record({
  id: fc.uuid(),
  runId: fc.constant(null),
  sessionId: fc.constant(null),
  clientId: name,
  profile: fc.string({ minLength: 1, maxLength: 20 }),
  model: name,
  credentialId: name,
  credentialLabel: name,
  caller: fc.constantFrom('lead_agent' as const, 'subagent' as const, 'middleware' as const),
  purpose: fc.constantFrom('api' as const, 'title' as const),
  outcome: fc.constantFrom('completed' as const, 'failed' as const, 'stopped' as const, 'refused' as const),
  billable: fc.boolean(),
  source: fc.constantFrom('provider' as const, 'estimate' as const),
  inputSource: fc.constantFrom('provider' as const, 'estimate' as const, null),
  outputSource: fc.constantFrom('provider' as const, 'estimate' as const, null),
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  cacheWrite5mTokens: count,
  cacheWrite1hTokens: count,
  reasoningTokens: count,
  price: fc.constantFrom(null, { currency: 'USD', from: 'override' as const, entry: 'm\n', tiers: [] }),
  costPicos: fc.option(fc.bigInt({ min: 0n, max: 10n ** 24n }).map(String), { nil: null }),
  startedAtMs: fc.nat({ max: 2_000_000_000_000 }),
  endedAtMs: fc.nat({ max: 2_000_000_000_000 }),
});
