/**
 * A part of the program that is brought in when it is first wanted: what a start does not need is not read, compiled and
 * evaluated before anybody is let in. Whoever asks while it comes waits for the same one. A failure reaches everybody who
 * waits, and the next one tries again.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let coming: Promise<T> | null = null;
  return () => {
    if (coming !== null) return coming;
    const asked = load();
    coming = asked;
    asked.catch(() => {
      coming = null;
    });
    return asked;
  };
}
