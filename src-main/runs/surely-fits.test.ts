import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { hardLimit } from '../compressor/compression-limits.ts';
import { DEFAULT_COMPRESSION_SETTINGS } from '../compressor/compression-types.ts';
import { messageText } from '../compressor/token-message.ts';
import { surelyFits } from './surely-fits.ts';

function row(content: string, fields: Partial<Message> = {}): Message {
  const place = { id: 'm', session_id: 's', run_id: 'r', role: 'user', created_at_ms: 0 } as const;
  return { ...emptyMessage(place), content, ...fields };
}

const around = (input: string, instructions: string | null = null) => ({ input, instructions });

it('[E7-01] what surely fits has no more bytes than the limit has tokens, in any script: no tokenizer makes more of it', () => {
  const text = fc.array(fc.constantFrom('a', ' ', 'é', '語', '😀'), { maxLength: 60 }).map((each) => each.join(''));
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 4 }),
      text,
      text,
      fc.nat(2000),
      fc.boolean(),
      (texts, input, base, window, enabled) => {
        const limits = { ...DEFAULT_COMPRESSION_SETTINGS, enabled };
        const rows = texts.map((each) => row(each));
        const limit = enabled ? Math.floor(window * limits.threshold) : hardLimit(window);
        const bytes = [...rows.map(messageText), input, base].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
        if (surelyFits(rows, around(input, base), window, limits)) expect(bytes).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

it('[E7-01] what is short in every way fits, and one message more than are kept does not', () => {
  const limits = { ...DEFAULT_COMPRESSION_SETTINGS, enabled: true, maxMessages: 2 };
  expect(surelyFits([row('a'), row('b')], around('c'), 1000, limits)).toBe(true);
  expect(surelyFits([row('a'), row('b'), row('c')], around('d'), 1000, limits)).toBe(false);
  expect(surelyFits([row('a'), row('b'), row('c')], around('d'), 1000, { ...limits, enabled: false })).toBe(true);
});

it('[E7-01] files are not known to fit before they are read', () => {
  const limits = { ...DEFAULT_COMPRESSION_SETTINGS, enabled: true };
  const image = { type: 'image' as const, name: 'a.png', path: 'a.png', media_type: 'image/png' };
  const withFile = row('look', { content_blocks: [image] });
  expect(surelyFits([withFile], around('c'), 1_000_000, limits)).toBe(false);
});
