/**
 * The time of a line in the log, as pino wants it. Lines of one second share what does not change within it.
 *
 * @returns a function with a memory of its own.
 */
export function logTime(now: () => number = Date.now): () => string {
  let secondMs = Number.NaN;
  let prefix = '';
  return () => {
    const nowMs = now();
    const ms = nowMs - secondMs;
    if (!(ms >= 0 && ms < 1000)) {
      secondMs = Math.floor(nowMs / 1000) * 1000;
      prefix = `,"time":"${new Date(secondMs).toISOString().slice(0, 20)}`;
      return `${prefix}${String(nowMs - secondMs).padStart(3, '0')}Z"`;
    }
    return `${prefix}${String(ms).padStart(3, '0')}Z"`;
  };
}
