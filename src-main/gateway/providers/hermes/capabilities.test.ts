import { describe, expect, test } from 'vitest';
import { ERA_TWO, RESPONSES } from '../../../../e2e/fake-upstream/capabilities.ts';
import type { UpstreamCapabilities } from '../../upstream-adapter.ts';
import { chooseSurface } from './choose-surface.ts';
import { readCapabilities } from './read-capabilities.ts';

const NONE: UpstreamCapabilities = {
  approvals: false,
  steer: false,
  clarify: false,
  sessionMessages: false,
  sessionDelete: false,
  responses: false,
  runs: false,
  reasoning: false,
};

describe('[E9-03] what an agent says that it can do', () => {
  test('an agent of the second era can do it all but ask questions', () => {
    const all = Object.fromEntries(Object.keys(NONE).map((name) => [name, true]));
    expect(readCapabilities(ERA_TWO)).toEqual({ ...all, clarify: false });
  });

  test.each([
    ['a switch that is on', { features: { run_steer: true } }, 'steer'],
    ['an object', { features: { run_steer: { version: 1 } } }, 'steer'],
    ['a list of names', { features: ['run_steer'] }, 'steer'],
    ['an endpoint by its name', { endpoints: { run_approval: '/v1/runs/{id}/approval' } }, 'approvals'],
    ['an endpoint by its path', { endpoints: { x: { method: 'POST', path: '/v1/runs/{run_id}/steer' } } }, 'steer'],
    ['a list of endpoints', { endpoints: ['POST /v1/runs/{id}/clarify'] }, 'clarify'],
    ['a deletion', { endpoints: { x: { method: 'DELETE', path: '/api/sessions/{session_id}' } } }, 'sessionDelete'],
    ['messages of sessions', { endpoints: ['/api/sessions/{id}/messages'] }, 'sessionMessages'],
    ['responses', { features: { responses_api: true } }, 'responses'],
    ['runs', { endpoints: { runs: { method: 'POST', path: '/v1/runs' } } }, 'runs'],
    ['approval events', { features: { approval_events: true } }, 'approvals'],
    ['reasoning', { features: { reasoning_streaming: true } }, 'reasoning'],
  ])('%s counts, and counts alone', (_form, body, name) => {
    expect(readCapabilities(body)).toEqual({ ...NONE, [name]: true });
  });

  test('session resources are both their messages and their deletion', () => {
    expect(readCapabilities({ features: { session_resources: true } })).toEqual({
      ...NONE,
      sessionMessages: true,
      sessionDelete: true,
    });
  });

  test.each([
    ['nothing', null],
    ['a text', 'yes'],
    ['an empty object', {}],
    ['switches that are off', { features: { run_steer: false, run_stop: null, session_resources: 'false' } }],
    ['an object that is off', { features: { run_steer: { enabled: false } } }],
    ['what nobody here knows', { features: { teleport: true }, endpoints: 7 }],
    ['reading a session', { endpoints: { session: { method: 'GET', path: '/api/sessions/{id}' } } }],
  ])('%s is an agent that does not tell', (_what, body) => {
    expect(readCapabilities(body)).toBeNull();
  });
});

describe('[decision 14] the surface of a run', () => {
  const flags = ['runs', 'responses', 'approvals', 'sessionMessages'] as const;
  const table = Array.from({ length: 16 }, (_, bits) => {
    const can = { ...NONE };
    for (const [at, flag] of flags.entries()) can[flag] = (bits & (1 << at)) !== 0;
    return can;
  });

  test.each(table)('runs $runs, responses $responses, approvals $approvals, messages $sessionMessages', (can) => {
    const lacksDetailsAndApprovals = !can.approvals && !can.sessionMessages;
    const expected = can.responses && (!can.runs || lacksDetailsAndApprovals) ? 'responses' : 'runs';
    expect(chooseSurface(can)).toBe(expected);
  });

  test('an agent that does not tell gets runs', () => {
    expect(chooseSurface(null)).toBe('runs');
    expect(chooseSurface(readCapabilities(RESPONSES))).toBe('responses');
    expect(chooseSurface(readCapabilities(ERA_TWO))).toBe('runs');
  });
});
