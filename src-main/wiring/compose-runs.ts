import type { Settings } from '#contract/settings';
import type { Attachments } from '../attachments/attachments.ts';
import { FileTokens } from '../attachments/file-tokens.ts';
import { contextWindowOf } from '../compressor/context-window.ts';
import { pictureRule } from '../compressor/image-tokens.ts';
import { TokenCounter } from '../compressor/token-client.ts';
import type { KeyRecords } from '../credentials/key-records.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ProfileService } from '../gateway/profile-service.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { ContextPorts } from '../runs/context-meter.ts';
import type { RunLog } from '../runs/run-log.ts';
import { RunService } from '../runs/run-service.ts';
import { RunSlots } from '../runs/run-slots.ts';
import type { ReadClient } from '../store/read-client.ts';
import type { Store } from '../store/store.ts';
import { Budgets } from '../usage/budgets.ts';
import { CallJournal } from '../usage/call-journal.ts';
import { CallLedger } from '../usage/call-ledger.ts';
import { ClientCaps } from '../usage/client-caps.ts';
import { hostTimeZone } from '../usage/local-days.ts';
import { ModelOverrides } from '../usage/model-overrides.ts';
import { PriceBook } from '../usage/price-book.ts';

/** The conversations' runs, and what they may cost. */
export interface RunParts {
  runs: RunService;
  slots: RunSlots;
  calls: CallLedger;
  /** Reads of the ledger, with everything that ended before they were asked. */
  books: Pick<ReadClient, 'ask'>;
  budgets: Budgets;
  caps: ClientCaps;
  overrides: ModelOverrides;
  /** Whoever composes closes it. */
  tokens: TokenCounter;
}

/** Builds the run engine with its ledger, its budgets and what counts tokens. Starts nothing. */
export function composeRuns(parts: {
  store: Store;
  log: RunLog;
  reads: ReadClient;
  settings: () => Settings;
  gateway: Gateway;
  profiles: ProfileService;
  credentials: KeyRecords;
  attachments: Attachments;
  /** A program by its id; null for one that is gone. */
  clientOf: ConstructorParameters<typeof ClientCaps>[0]['clientOf'];
  tokenWorkerUrl: URL;
  /** The files of the journal of programs' calls. */
  callJournal: readonly [string, string];
  clock: Clock;
  logger: Logger;
  newId: () => string;
}): RunParts {
  const { store, log, reads, settings, gateway, profiles, credentials, attachments, clientOf, clock, logger, newId } =
    parts;
  const tokens = new TokenCounter(parts.tokenWorkerUrl, (cause) =>
    logger.warn(describeThrown(cause), 'tokens could not be counted, so they are estimated'),
  );
  const countTokens: ContextPorts['countTokens'] = (texts, model, signal) => tokens.count(texts, model, signal);
  const { loadParts, isOwn } = attachments;
  const fileTokens = new FileTokens({ loadParts, isOwn, countTokens });
  const slots = new RunSlots(() => settings().maxConcurrentRuns);
  const overrides = new ModelOverrides({ store, clock, newId });
  const books: RunParts['books'] = {
    ask: async (method, input) => {
      await calls.settled();
      return reads.ask(method, input);
    },
  };
  const budgets = new Budgets({
    store,
    clock,
    newId,
    timeZone: hostTimeZone,
    sumsBetween: (fromMs, toMs) => books.ask('usageBetween', { fromMs, toMs }),
  });
  const profileOf = (name: string) => profiles.list().find((profile) => profile.name === name) ?? null;
  const caps = new ClientCaps({
    clientOf,
    clock,
    timeZone: hostTimeZone,
    sumsOf: (clientId, fromMs, toMs) => books.ask('usageOfClient', { clientId, fromMs, toMs }),
  });
  const calls = new CallLedger({
    store,
    clock,
    logger,
    prices: new PriceBook({ overrides, profileOf, logger }),
    picturesOf: (name) => {
      const kind = profileOf(name)?.kind;
      return kind === undefined ? 'none' : pictureRule(kind);
    },
    defaultModelOf: (name) => profileOf(name)?.defaultModel ?? null,
    labelOf: (id) => credentials.labelOf(id),
    journal: new CallJournal(parts.callJournal, { logger }),
    assertMayCall: (clientId) => {
      const isCapped = clientId !== null && caps.isCapped(clientId);
      if (!isCapped && !budgets.mayStop) return null;
      return caps.assertMaySpend(clientId).then(() => budgets.assertMayCall());
    },
  });
  const runs = new RunService({
    store,
    log,
    calls,
    settings,
    upstream: gateway,
    loadParts,
    context: {
      countTokens,
      fileTokens: (blocks, { profile, model, workspace }, signal) => {
        const { kind } = profiles.byName(profile);
        return fileTokens.count(blocks, { model, workspace, pictures: pictureRule(kind), signal });
      },
      windowOf: async (profile, model) => {
        const known = profiles.byName(profile);
        const name = model ?? known.defaultModel;
        const own = overrides.windowOf(profile, name);
        const ownEntries = own === null || name === null ? [] : [{ profileId: known.id, model: name, tokens: own }];
        const question = { profile: known, model: name, ownEntries };
        const { tokens: windowTokens, source } = await contextWindowOf(question);
        return { tokens: windowTokens, source: source === 'own' ? ('override' as const) : source };
      },
    },
    slots,
    clock,
    logger,
    newId,
  });
  return { runs, slots, calls, books, budgets, caps, overrides, tokens };
}
