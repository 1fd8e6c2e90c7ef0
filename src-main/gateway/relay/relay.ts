import { AppFailure } from '../../platform/app-failure.ts';
import { waitAtMost } from '../../platform/wait-at-most.ts';
import { type JsonObject, textOf } from '../json.ts';
import type { Attempt, KeyedCall } from '../keyed-call.ts';
import { tellAttempt } from '../tell-attempt.ts';
import { CallExtras } from './call-extras.ts';
import { demoReply } from './demo-reply.ts';
import { ReferableAnswers } from './referable-answers.ts';
import type { RelayParts, RelayQuestion, RelayReply } from './relay-port.ts';
import { estimateBody, letGo } from './relay-request.ts';
import { RelayStream, type RelayStreamParts } from './relay-stream.ts';
import { responseIdIn } from './response-id.ts';
import { letGoOf, planRequest, sendRequest, type Taken, type TakenStream, type TakenWhole } from './send-request.ts';
import { answerKey } from './sticky-key.ts';

/** Held lifecycle frames are waited for this long; then the answer begins, with signs of life. */
const PATIENCE_MS = 15_000;

/**
 * Programs' requests on their way to an upstream: with the pool, the repetitions, the records and the books that runs have.
 * Where both speak one protocol the bytes go through as they are, but for the name of the model; else they are translated.
 */
export class Relay {
  readonly #parts: RelayParts;
  readonly #kept = new ReferableAnswers();
  readonly #extras = new CallExtras();

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  /** Lets go of the answers that programs may refer to, and of what servers want back. */
  forget(): void {
    this.#kept.forget();
    this.#extras.forget();
  }

  /**
   * Asks, and resolves when the answer begins: whole, or with the first part of a stream that a reader can use. Until then
   * another key may take over unseen.
   *
   * @throws AppFailure as `Gateway.start`; `UpstreamRefusal` in the upstream's own words; TranslationFailure; the signal's
   *   reason when it aborted, with the upstream's socket closed.
   */
  async ask(question: RelayQuestion, signal: AbortSignal): Promise<RelayReply> {
    const { gateway, profileOf, open, http, translate, clock } = this.#parts;
    const profile = profileOf(question.profile);
    const isDemo = profile.kind === 'demo';
    const model = question.model ?? profile.defaultModel;
    if (model === null && !isDemo) throw noModel(profile.name);
    const sending = { http, translate, spoken: gateway.spoken, kept: this.#kept, extras: this.#extras };
    const plan = isDemo ? null : planRequest(sending, question, model ?? '', profile, clock.now());
    const inputTokens = estimateBody(question.request.body);
    const track = await open({
      id: question.id,
      profile: profile.name,
      model,
      inputTokens,
      clientId: question.clientId,
    });
    if (plan === null) return demoReply(this.#parts, question, track, signal);
    const goesOn = question.client === 'openai-responses' ? goingOn(question.request.body) : NOT_GOING_ON;
    const leaving = { ...sending, leaving: () => track.leaving() };
    const { call, over } = await gateway.relay<Taken>(
      profile.name,
      {
        id: question.id,
        model,
        conversation: question.conversation,
        goesOnFrom: goesOn.from,
        begin: (context, { attempt, credentialId, scrub }) =>
          tellAttempt(track.notices, { attempt, credentialId, model }, signal, async () => {
            try {
              return await sendRequest(leaving, question, model ?? '', plan, context, scrub);
            } catch (thrown) {
              // The books hear of it before anybody else does.
              throw scrub.thrown(thrown);
            }
          }),
      },
      signal,
    );
    try {
      const first = await call.next();
      const shown = () => {
        letGo(question.request);
        letGoOf(plan);
      };
      const about = { track, model, over, shown, signal, nameOf: goesOn.as };
      if (isStream(first)) return await this.#stream(call, first, about);
      return this.#whole(call, first as Attempt<TakenWhole>, about);
    } catch (thrown) {
      over();
      throw thrown;
    }
  }

  #whole(
    call: KeyedCall<Taken>,
    attempt: Attempt<TakenWhole>,
    { track, model, over, nameOf }: Pick<RelayStreamParts, 'track' | 'model' | 'over' | 'nameOf'>,
  ): RelayReply {
    const { status, headers, bytes, events } = attempt.value;
    let usage = null;
    for (const event of events) {
      track.hear(event);
      if (event.type === 'completed') usage = event.usage;
    }
    const firstPartMs = this.#parts.clock.now() - attempt.startedAtMs;
    call.end(attempt, { outcome: 'success', failure: null, firstPartMs, usage, goesOnAs: nameOf(bytes) });
    track.settle(false);
    over();
    const answerer = { credentialId: attempt.lease?.credentialId ?? null, model };
    return { status, headers, answerer, body: { kind: 'whole', bytes } };
  }

  async #stream(
    call: KeyedCall<Taken>,
    first: Attempt<TakenStream>,
    about: Pick<RelayStreamParts, 'track' | 'model' | 'over' | 'shown' | 'signal' | 'nameOf'>,
  ): Promise<RelayReply> {
    const { clock } = this.#parts;
    const { track, model } = about;
    const stream = new RelayStream({
      ...about,
      clock,
      first,
      end: (attempt, how) => call.end(attempt, how),
      again: async (attempt, failure) => {
        const credentialId = attempt.lease?.credentialId ?? null;
        const refused = () => track.notices.notAccepted({ attempt: attempt.number, credentialId, model }, failure);
        try {
          await call.recover(attempt, failure);
        } catch (thrown) {
          // What nobody worked on is on no bill, though its first event may have counted what was asked.
          if (failure.details?.['refused'] === true) refused();
          throw thrown;
        }
        refused();
        const next = await call.next();
        if (isStream(next)) return next;
        // The answer has begun as a stream; one that came whole does not fit into it.
        call.end(next, { outcome: 'failure', failure: null, firstPartMs: null });
        throw failure;
      },
    });
    const frames = stream.frames();
    const begun = frames.next();
    await waitAtMost(begun, clock, PATIENCE_MS);
    // Of the key whose answer it is: another one may have taken over meanwhile.
    const { status, headers } = stream.head;
    const body = {
      kind: 'frames' as const,
      frames: goOn(begun, frames),
      failure: () => stream.told,
      isComplete: () => stream.isComplete,
    };
    return { status, headers, answerer: stream.answerer, body };
  }
}

/** Which answer a responses request goes on from, and what the next one may say of this one's. */
interface GoesOn {
  from: string | null;
  as: (bytes: Buffer) => string | null;
}

const NOT_GOING_ON: GoesOn = { from: null, as: () => null };

function goingOn(body: JsonObject): GoesOn {
  const previous = textOf(body['previous_response_id']);
  const from = previous === null ? null : answerKey(previous);
  // Nobody can go on from an answer that nobody keeps.
  if (body['store'] === false) return { ...NOT_GOING_ON, from };
  return {
    from,
    as: (bytes) => {
      const id = responseIdIn(bytes);
      return id === null ? null : answerKey(id);
    },
  };
}

function isStream(attempt: Attempt<Taken>): attempt is Attempt<TakenStream> {
  return attempt.value.kind === 'stream';
}

/** What was begun already, and the rest. A reader that leaves before it read anything ends the call all the same. */
function goOn(
  begun: Promise<IteratorResult<Buffer, void>>,
  frames: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  let first: Promise<IteratorResult<Buffer, void>> | null = begun;
  // Told to whoever reads; nobody may.
  begun.catch(() => undefined);
  return {
    next: () => {
      const next = first ?? frames.next();
      first = null;
      return next;
    },
    return: () => frames.return(),
    throw: (thrown) => frames.throw(thrown),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      await frames.return();
    },
  };
}

function noModel(profile: string): AppFailure {
  return new AppFailure(
    'invalid_payload',
    `The request names no model, and “${profile}” has none of its own. Name one as “model”, or give the profile a default model.`,
    { retry: { kind: 'user-action', action: 'choose-model' } },
  );
}
