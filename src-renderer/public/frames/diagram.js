'use strict';
// Runs in a sandboxed frame with an origin that nothing shares and no way to any address. It draws what the page sends
// and says how tall it is; the page believes nothing else of it.

/**
 * @typedef {object} Mermaid
 * @property {(settings: object) => void} initialize
 * @property {(id: string, source: string) => Promise<{ svg: string }>} render
 */

(() => {
  const { mermaid } = /** @type {{ mermaid: Mermaid }} */ (/** @type {unknown} */ (globalThis));

  /** @param {object} message */
  const say = (message) => parent.postMessage(message, '*');

  /** @param {{ source: string, dark: boolean }} asked */
  async function draw({ source, dark }) {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      theme: dark ? 'dark' : 'neutral',
      darkMode: dark,
      // Flat, as the rest of the page.
      look: 'classic',
      themeVariables: { useGradient: false, dropShadow: 'none' },
      fontFamily: 'system-ui, sans-serif',
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      maxTextSize: 20_000,
      maxEdges: 300,
      suppressErrorRendering: true,
    });
    const { svg } = await mermaid.render('diagram', source);
    // Markup is read as markup here and nowhere else: this is what the frame is for.
    document.body.innerHTML = svg;
    const drawn = document.body.firstElementChild;
    if (drawn === null) throw new Error('Nothing was drawn.');
    say({ kind: 'drawn', height: Math.ceil(drawn.getBoundingClientRect().height) });
  }

  addEventListener('message', (event) => {
    if (event.source !== parent) return;
    draw(event.data).catch((thrown) =>
      say({ kind: 'failed', message: String(thrown?.message ?? thrown).slice(0, 400) }),
    );
  });
  say({ kind: 'ready' });
})();
