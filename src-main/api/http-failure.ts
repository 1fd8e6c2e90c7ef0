import type { ErrorCode } from '#contract/errors';
import { AppFailure } from '../platform/app-failure.ts';
import { httpStatusOf } from './http-status.ts';

/** A failure whose HTTP status says more than its code does, or that carries headers. */
export class HttpFailure extends AppFailure {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(code, message, options.details === undefined ? {} : { details: options.details });
    this.name = 'HttpFailure';
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/** An option that is not there, refused by its name instead of being ignored (BUG-C11). */
export function unsupportedOption(option: string, remedy: string): HttpFailure {
  return new HttpFailure(422, 'unsupported_option', `The option “${option}” is not supported. ${remedy}`, {
    details: { error: 'unsupported_run_option', option },
  });
}

export function statusOf(failure: AppFailure): number {
  return failure instanceof HttpFailure ? failure.status : httpStatusOf(failure.code);
}

/** The body of an error for programs: `detail` is where clients of such APIs look for the sentence. */
export function errorBody(failure: AppFailure): Record<string, unknown> {
  // A program reads the sentence; the facts of it are for a page that says it in another language.
  const { said: _said, ...details } = failure.details ?? {};
  return { detail: failure.message, code: failure.code, ...details };
}
