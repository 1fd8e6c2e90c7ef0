import { FAILURE_ACTIONS, type FailureClass } from '../../credentials/failure-class.ts';
import { AppFailure } from '../../platform/app-failure.ts';

/** A refusal together with the words that it came in, which are of the program's own protocol. */
export class UpstreamRefusal extends AppFailure {
  /** Free of the key. */
  readonly raw: { status: number; headers: Record<string, string>; body: string };

  constructor(failure: AppFailure, raw: UpstreamRefusal['raw']) {
    const { code, message, retry, details } = failure;
    super(code, message, { retry, ...(details === undefined ? {} : { details }) });
    this.name = 'UpstreamRefusal';
    this.raw = raw;
  }

  /**
   * Whether the request is what was refused, so that the program should read it in the provider's words. What is refused
   * for its key, its account or the provider's state is told in ours: the program would look for the fault at itself.
   */
  get isOfRequest(): boolean {
    const told = this.details?.['failure'];
    if (typeof told !== 'string' || !(told in FAILURE_ACTIONS)) return false;
    const failureClass = told as FailureClass;
    return failureClass === 'client_error' || failureClass === 'bad_request';
  }
}
