/** Where both hosts serve the pages that may stand in a frame of ours; relative to the page's own origin. */
export const FRAME_PREFIX = '/frames/';

/** Draws one diagram and knows nothing else. */
export const DIAGRAM_FRAME = `${FRAME_PREFIX}diagram.html`;

/**
 * The policy of everything below `FRAME_PREFIX`. Such a page has an origin of its own that nothing shares, also when it is
 * opened by itself; it runs the scripts beside it and reaches no address at all. Diagrams bring styles with them, so inline
 * styles are allowed there, and only there.
 *
 * @param origins under which the host is reached. `'self'` would be the frame's own, which is none.
 */
export function framePolicy(origins: readonly string[]): string {
  return [
    'sandbox allow-scripts',
    "default-src 'none'",
    `script-src ${origins.map((origin) => origin + FRAME_PREFIX).join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origins.join(' ')}`,
  ].join('; ');
}

/** What the page may frame: a part of its policy. */
export function frameSource(origins: readonly string[]): string {
  return `frame-src ${origins.map((origin) => origin + FRAME_PREFIX).join(' ')}`;
}
