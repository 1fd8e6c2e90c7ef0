import { isObject, listOf, textOf } from '../../json.ts';
import type { UpstreamCapabilities } from '../../upstream-adapter.ts';

/**
 * The answer to `GET /v1/capabilities`. Agents of one year use several names for the same thing, under `features` or
 * `endpoints`, as switches, as lists or with a path; any of them counts. Null where nothing in it is known here, which is
 * the same as an agent that does not tell.
 */
export function readCapabilities(body: unknown): UpstreamCapabilities | null {
  if (!isObject(body)) return null;
  const names = new Set([...namesIn(body['features']), ...namesIn(body['endpoints'])]);
  const routes = routesIn(body['endpoints']);
  const has = (...known: string[]) => known.some((name) => names.has(name));
  const serves = (route: RegExp) => routes.some((known) => route.test(known));
  const capabilities: UpstreamCapabilities = {
    approvals: has('run_approval_response', 'approval_events', 'run_approval') || serves(/\/runs\/[^/]+\/approval$/),
    steer: has('run_steer') || serves(/\/runs\/[^/]+\/steer$/),
    clarify: has('run_clarify', 'run_clarify_response', 'clarify_events') || serves(/\/runs\/[^/]+\/clarify$/),
    sessionMessages: has('session_resources', 'session_messages') || serves(/\/sessions\/[^/]+\/messages$/),
    sessionDelete: has('session_resources', 'session_delete') || serves(/^DELETE .*\/sessions\/[^/]+$/),
    responses: has('responses_api', 'responses') || serves(/\/v1\/responses$/),
    runs: has('run_submission', 'runs') || serves(/\/v1\/runs$/),
    reasoning: has('reasoning_streaming'),
  };
  return Object.values(capabilities).some((can) => can) ? capabilities : null;
}

/** Names that are switched on: `{name: true}`, `{name: {…}}`, or a list of names. */
function namesIn(section: unknown): string[] {
  if (Array.isArray(section)) return listOf(section).filter((name): name is string => typeof name === 'string');
  return isObject(section)
    ? Object.entries(section)
        .filter(([, value]) => isOn(value))
        .map(([name]) => name)
    : [];
}

function isOn(value: unknown): boolean {
  if (isObject(value)) return value['enabled'] !== false;
  return value === true || (typeof value === 'string' && value !== '' && value !== 'false');
}

/** `METHOD /path` of each endpoint that tells its path; the method is empty where it does not tell it. */
function routesIn(section: unknown): string[] {
  const entries = isObject(section) ? Object.values(section) : listOf(section);
  return entries.filter(isOn).flatMap((value) => {
    if (typeof value === 'string') return value.includes('/') ? [value.includes(' ') ? value : ` ${value}`] : [];
    const path = isObject(value) ? textOf(value['path']) : null;
    return path === null || !isObject(value) ? [] : [`${textOf(value['method']) ?? ''} ${path}`];
  });
}
