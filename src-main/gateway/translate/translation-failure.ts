/** A request or reply that cannot be carried over. The message is a sentence for the client, with the remedy. */
export class TranslationFailure extends Error {
  override readonly name = 'TranslationFailure';
  /** 400 where the request is at fault, 502 where the upstream's reply is. */
  readonly status: number;
  /** Where in the body, as in `messages[2].content[0]`; empty where no place can be named. */
  readonly path: string;
  readonly kind: 'request' | 'reply';
  /** The protocol’s own name of it, where its clients act on one. */
  readonly code: string | null;

  constructor(
    kind: 'request' | 'reply',
    path: string,
    message: string,
    named: { code: string; status: number } | null = null,
  ) {
    super(path === '' ? message : `${path}: ${message}`);
    this.kind = kind;
    this.status = named?.status ?? (kind === 'request' ? 400 : 502);
    this.path = path;
    this.code = named?.code ?? null;
  }
}

/** A request that is refused, and what to do instead. */
export function refuse(path: string, message: string): TranslationFailure {
  return new TranslationFailure('request', path, message);
}

/** Data where an answer was to be. */
export function noAnswer(): TranslationFailure {
  return badReply(
    'The upstream answered with data that hold no answer. Check the address and the kind of its profile.',
  );
}

/** A reply that makes no sense. */
export function badReply(message: string): TranslationFailure {
  return new TranslationFailure('reply', '', message);
}
