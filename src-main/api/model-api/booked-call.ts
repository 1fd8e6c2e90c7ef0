import type { UsageCall } from '#contract/usage-report';
import type { RelayParts } from '../../gateway/relay/relay-port.ts';
import type { CallLedger } from '../../usage/call-ledger.ts';
import type { RecentCalls } from './recent-calls.ts';

/** Opens a program's call in the books; what it comes to is shown among the recent calls, too. */
export function bookedCall(parts: { calls: CallLedger; recent: RecentCalls }): RelayParts['open'] {
  const { calls, recent } = parts;
  return async ({ id, profile, model, inputTokens, clientId }) => {
    const track = await calls.begin(
      { id, runId: null, sessionId: null, profile, model, caller: 'lead_agent', purpose: 'api', clientId },
      { inputTokens },
      { saysLeaving: true, unaccepted: (rows) => recent.booked(id, rows.filter(isBillable)) },
    );
    return {
      notices: recent.watched(id, track.notices),
      leaving: () => track.leaving(),
      hear: (event) => track.hear(event),
      settle: (wasStopped) => {
        const rows = track.end(wasStopped);
        calls.bookNow(rows);
        recent.booked(id, rows);
      },
    };
  };
}

/** What was refused costs nothing and has no figures. */
function isBillable({ billable }: UsageCall): boolean {
  return billable;
}
