import type {
  ApiCallRecord,
  ClientKeyRecord,
  ClientScope,
  LocalApiState,
  LocalApiTrial,
  TurnedAway,
} from '#contract/programs';
import type { SpendCap } from '#contract/usage-report';
import type { Handlers } from '../router.ts';

type LocalApiHandlers = Pick<Handlers, Extract<keyof Handlers, `localApi.${string}`>>;

/** What the handlers need of the keys of other programs and of the server that checks them. */
export interface LocalApiPort {
  /** As it is once the last change of the switch was followed. */
  state(): Promise<LocalApiState>;
  createClient(client: {
    name: string;
    scopes?: ClientScope[];
    cap: SpendCap | null;
  }): Promise<{ client: ClientKeyRecord; key: string }>;
  setClientCap(clientId: string, cap: SpendCap | null): Promise<void>;
  revokeClient(clientId: string): Promise<void>;
  /** The calls newest first. */
  recentCalls(): { calls: ApiCallRecord[]; turnedAway: TurnedAway };
  /** Has a profile say one word over the server's own address. Never rejects for what the server answers. */
  tryOut(profile: string): Promise<LocalApiTrial>;
}

/** Who else on this computer may ask. */
export function createLocalApiHandlers(port: LocalApiPort): LocalApiHandlers {
  return {
    'localApi.state': () => port.state(),
    'localApi.createClient': (payload) => port.createClient(payload),
    'localApi.setClientCap': async ({ clientId, cap }) => {
      await port.setClientCap(clientId, cap);
      return port.state();
    },
    'localApi.revokeClient': async ({ clientId }) => {
      await port.revokeClient(clientId);
      return port.state();
    },
    'localApi.calls': () => port.recentCalls(),
    'localApi.try': ({ profile }) => port.tryOut(profile),
  };
}
