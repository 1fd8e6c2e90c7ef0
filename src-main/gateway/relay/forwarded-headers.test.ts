import { expect, it } from 'vitest';
import { givenBack, sentOn } from './forwarded-headers.ts';

it('sends on what is from end to end, and nothing of the connection, of secrets or of browsers', () => {
  const kept = {
    'anthropic-beta': 'a,b',
    'x-stainless-lang': 'js',
    'user-agent': 'cli/1',
    'openai-beta': 'x',
    traceparent: '00',
  };
  const gone = {
    host: '127.0.0.1:1',
    connection: 'keep-alive, X-Mine',
    'x-mine': '1',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    upgrade: 'h2c',
    authorization: 'Bearer k',
    'x-api-key': 'k',
    'proxy-authorization': 'Basic k',
    cookie: 'a=b',
    origin: 'http://127.0.0.1:1',
    'accept-encoding': 'gzip, br, zstd',
    'content-length': '3',
    'content-encoding': 'gzip',
    'sec-fetch-site': 'none',
  };
  expect(sentOn({ ...kept, ...gone })).toEqual(kept);
});

it('gives back what the upstream says to the program', () => {
  const kept = {
    'content-type': 'application/json',
    'request-id': 'r',
    'anthropic-ratelimit-requests-remaining': '3',
    'retry-after': '2',
  };
  const gone = {
    'content-length': '3',
    'content-encoding': 'gzip',
    'transfer-encoding': 'chunked',
    'set-cookie': ['a=b'],
    'access-control-allow-origin': '*',
    'strict-transport-security': 'x',
  };
  expect(givenBack({ ...kept, ...gone })).toEqual(kept);
});
