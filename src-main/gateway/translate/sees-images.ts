/**
 * Models that are known to read text only, by their names, as their makers described them when they came out. Most services
 * answer a picture that is sent to one of them with an error. A name that is not here may see or not, nor is a name that moves
 * from model to model: nothing is claimed of those.
 */
const TEXT_ONLY: readonly RegExp[] = [
  /^gpt-3\.5/,
  /^gpt-4(-0\d{3}|-32k.*)?$/,
  /^gpt-oss/,
  /^o1-(mini|preview)/,
  /^o3-mini/,
  /^claude-(2|instant)/,
  /^deepseek-(coder|r1|v2|v3)/,
  /^(code-?llama|llama-?2|llama-?3(\.[13])?(?![.\d])|llama-?3\.2[-:](1b|3b))/,
  /^(mixtral|codestral|mistral(-7b|:|$))/,
  /^(qwen-?(2(\.5)?|3)(?![.\d])|qwq|codeqwen)/,
  /^phi-?(2|3|3\.5|4)(?![.\d])/,
  /^(gemma-?2(?![.\d])|gemma-?3[-:](270m|1b)|codegemma)/,
  /^kimi-k2(?![.\d])/,
  /^glm-4(\.[5-7])?(-air|-airx|-flash|-plus|-x)?$/,
  /^(command-r|starcoder|tinyllama|smollm|olmo)/,
];
/** What a sibling with eyes is called. */
const SEES = /vision|[-_.:]vl|vl[-_.:]|omni|multimodal|image|ocr|llava|pixtral|vlm/;

/** Whether a model is known to see no pictures. False where that is not known. */
export function isBlind(model: string | null): boolean {
  const name = (model ?? '').toLowerCase().replace(/^.*\//, '');
  return !SEES.test(name) && TEXT_ONLY.some((known) => known.test(name));
}
