/** Models that make no answers to a chat, by what their names say. */
const NO_CHAT =
  /embed|whisper|tts|audio|speech|transcri|moderation|rerank|dall-e|image|vision-|realtime|babbage|davinci|sora|guard/i;
/** Names that are kept up to date by who serves them, or are widely meant when nothing is said. */
const LIKELY = [
  /^claude-.*sonnet/i,
  /^gpt-\d[\d.]*$/i,
  /^(?:openai\/)?gpt-\d/i,
  /^gemini-.*flash$/i,
  /^deepseek-chat$/i,
];

/**
 * A model to begin with, out of those that an upstream names. A person can choose another at any time; null where none
 * makes answers.
 */
export function firstModel(models: readonly string[]): string | null {
  const chats = models.filter((name) => !NO_CHAT.test(name));
  for (const likely of LIKELY) {
    // The newest has the highest number in its name.
    const found = chats.filter((name) => likely.test(name)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    if (found[0] !== undefined) return found[0];
  }
  return chats[0] ?? null;
}
