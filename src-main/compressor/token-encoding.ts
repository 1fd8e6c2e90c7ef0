export type TokenEncoding = 'o200k_base' | 'cl100k_base';

/**
 * The tokenizer of a model. OpenAI's older families are counted with cl100k_base, as its tokenizer's own list has it
 * (2026-11). All others are counted with o200k_base: exact for OpenAI's newer ones; for other makers, who publish no
 * tokenizer that runs here, it is an approximation that `token-correction.ts` sets right from what they report.
 */
export function encodingOf(model: string | null): TokenEncoding {
  // `openai/gpt-4` and the fine-tuned `ft:gpt-3.5-turbo:shop::id` are gpt-4 and gpt-3.5-turbo.
  const name = (model ?? '').trim().toLowerCase().split('/').at(-1)?.replace(/^ft:/, '') ?? '';
  return /^(gpt-4$|gpt-4-|gpt-4:|gpt-3\.5|gpt-35|text-embedding-)/.test(name) ? 'cl100k_base' : 'o200k_base';
}
