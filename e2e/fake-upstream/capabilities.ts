/** What `GET /v1/capabilities` answers; null is an agent that does not know the path. */
export type CapabilitiesAnswer = Record<string, unknown> | null;

/** An agent of the second era with all of the runs API. */
export const ERA_TWO: Record<string, unknown> = {
  object: 'hermes.api_server.capabilities',
  platform: 'hermes-agent',
  features: {
    run_submission: true,
    run_status: true,
    run_events_sse: true,
    run_stop: true,
    run_steer: true,
    run_approval_response: true,
    approval_events: true,
    session_resources: true,
    responses_api: true,
    reasoning_streaming: true,
  },
  endpoints: {
    runs: { method: 'POST', path: '/v1/runs' },
    session_messages: { method: 'GET', path: '/api/sessions/{session_id}/messages' },
    session_delete: { method: 'DELETE', path: '/api/sessions/{session_id}' },
  },
};

/** An agent whose runs bring neither approvals nor the details of their tools, and whose responses do. */
export const RESPONSES: Record<string, unknown> = {
  object: 'hermes.api_server.capabilities',
  features: { run_submission: true, run_status: true, run_events_sse: true, run_stop: true, responses_api: true },
  endpoints: {},
};
