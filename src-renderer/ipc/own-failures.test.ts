import { expect, it } from 'vitest';
import type { AppError } from '#contract/errors';
import { sayFailure } from '#contract/failure-saying';
import { FAILURE_WORDS, isFailureSaying } from '#contract/failure-words';
import { brokenTransport } from './broken-transport.ts';
import { socketTransport } from './transports/socket.ts';
import { uploadFile } from './upload-file.ts';

/** A file whose bytes nobody can have. */
const GONE = {
  name: 'notes',
  type: '',
  size: 4,
  slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }),
};

async function ofUpload(): Promise<AppError | undefined> {
  const begun = { ok: true, data: { uploadId: 'u', chunkBytes: 4 } };
  const api = { request: () => Promise.resolve(begun) } as unknown as Parameters<typeof uploadFile>[0];
  const answer = await uploadFile(api, GONE, new AbortController().signal, () => undefined);
  return answer?.ok === false ? answer.error : undefined;
}

async function ofPageWithoutToken(): Promise<AppError | undefined> {
  const answer = await socketTransport(null).request('app.info', {});
  return answer.ok ? undefined : answer.error;
}

it.each<[string, () => Promise<AppError | undefined>]>([
  ['a core that is silent', () => Promise.resolve(brokenTransport('cut').error)],
  ['a file that cannot be read', ofUpload],
  ['a page without a token', ofPageWithoutToken],
])('[E12] of %s the page speaks in sentences that have a name, as the core does', async (_what, make) => {
  const error = await make();
  const said = error?.details?.['said'];
  expect(isFailureSaying(said)).toBe(true);
  if (isFailureSaying(said)) expect(sayFailure(FAILURE_WORDS, said)).toBe(error?.message);
});
