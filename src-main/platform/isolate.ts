import { describeThrown, type Logger } from './logger.ts';

/** Runs a task whose failure is nobody else's business: it is logged, and the promise never rejects. */
export async function isolate(logger: Logger, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (thrown) {
    logger.error(describeThrown(thrown), 'a task in the background failed');
  }
}
