import { expect, it } from 'vitest';
import { z } from 'zod';
import { sayFailure } from '#contract/failure-saying';
import { FAILURE_WORDS_ZH } from '#contract/failure-words-zh';
import { routeSchemas } from '#contract/routes.schema';
import { firstComplaint } from './say-issue.ts';

function complaint(schema: z.ZodType, value: unknown): ReturnType<typeof firstComplaint> {
  const { error } = schema.safeParse(value, { reportInput: true });
  if (error === undefined) throw new Error('The schema took it.');
  return firstComplaint(error.issues);
}

it.each<[z.ZodType, unknown, string, string]>([
  [z.string(), undefined, 'why_missing', '缺少这一项。'],
  [z.string(), 7, 'why_text', '必须是文字。'],
  [z.number(), 'x', 'why_number', '必须是数字。'],
  [z.int(), 1.5, 'why_whole', '必须是整数。'],
  [z.string().min(1), '', 'why_empty', '不能为空。'],
  [z.string().min(8), 'x', 'why_too_short', '至少需要 8 个字符。'],
  [z.string().max(2), 'xxx', 'why_too_long', '最多 2 个字符。'],
  [z.array(z.string()).max(1), ['a', 'b'], 'why_too_many', '最多 1 项。'],
  [z.number().min(0), -1, 'why_too_small', '必须不小于 0。'],
  [z.number().max(200_000), 1e6, 'why_too_big', '必须不大于 200,000。'],
  [z.enum(['day', 'month']), 'year', 'why_choice', '必须是以下之一：day, month。'],
  [z.strictObject({}), { x: 1 }, 'why_unknown_field', '没有这个字段。'],
  [routeSchemas['profiles.create'], { name: 'a/b', kind: 'demo' }, 'why_slash', '服务商名称不能包含斜杠。'],
])('[E12] %# what a schema refuses is told in our words', (schema, value, word, chinese) => {
  const { why } = complaint(schema, value);
  expect(why.word).toBe(word);
  expect(sayFailure(FAILURE_WORDS_ZH, why)).toBe(chinese);
});

it.each<[unknown, string, string]>([
  [{ input: 'a', zzz: 1 }, 'zzz', 'why_unknown_field'],
  [{}, 'input', 'why_missing'],
  [{ input: [{ type: 'video', path: 'a' }] }, 'input.0.type', 'why_kind'],
  [
    {
      input: [
        { type: 'text', text: 'a' },
        { type: 'image', name: 'a', path: 7, media_type: 'b' },
      ],
    },
    'input.1.path',
    'why_text',
  ],
  [{ input: 7 }, 'input', 'why_kind'],
  [{ input: 'a', ['x'.repeat(1000)]: 1 }, 'x'.repeat(100), 'why_unknown_field'],
])('[E12] [E1-02] %# a refusal names the field that it is about', (value, field, word) => {
  const { field: named, why } = complaint(routeSchemas['chat.run'], value);
  expect([named, why.word]).toEqual([field, word]);
});
