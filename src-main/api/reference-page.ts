import { createHash } from 'node:crypto';

type Json = Record<string, unknown>;

interface Operation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; required: boolean; schema: Json }[];
  requestBody?: { content: Record<string, { schema: Json }> };
  'x-scope'?: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2421, #e6ebe8); --soft: light-dark(#55605b, #a3afa9);
  --line: light-dark(#d9dfdc, #36413c); --raised: light-dark(#ffffff, #1c2320); --canvas: light-dark(#f6f8f7, #141a17); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 40px 0 8px; }
p { margin: 0 0 12px; } .soft { color: var(--soft); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; list-style: none; }
a { color: inherit; } code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
article { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 0 0 4px; } h3 b { display: inline-block; min-width: 62px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 8px 0 0; } dd { margin: 0; }
details { margin-top: 8px; } summary { cursor: pointer; } pre { margin: 8px 0 0; white-space: pre-wrap; }
@media (max-width: 600px) { main { padding: 24px 16px; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 4px; } }
`;

/** One style and nothing else may be on the page: no script, no picture, nothing from elsewhere. */
export const REFERENCE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter] ?? '');
}

/** "integer, 1 to 100, usually 10" out of a field's schema. */
function typeOf(schema: Json): string {
  const variants = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined;
  if (variants !== undefined) return [...new Set(variants.map(typeOf))].join(' or ');
  const { type, minimum, maximum, default: usual } = schema;
  const values = schema['enum'] as unknown[] | undefined;
  const isBounded = typeof minimum === 'number' && typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER;
  const parts = [
    values === undefined ? String((schema['const'] as string | undefined) ?? type ?? 'anything') : values.join(' | '),
    ...(isBounded ? [`${minimum} to ${maximum}`] : []),
    ...(usual === undefined ? [] : [`usually ${JSON.stringify(usual)}`]),
  ];
  return parts.join(', ');
}

function operationHtml(path: string, method: string, one: Operation): string {
  const facts = (one.parameters ?? []).map(
    ({ name, in: place, required, schema }) =>
      `<dt><code>${escaped(name)}</code></dt><dd>${place === 'path' ? 'in the address' : `query, ${escaped(typeOf(schema))}`}${required && place !== 'path' ? ', needed' : ''}</dd>`,
  );
  const scope = one['x-scope'];
  const body = one.requestBody?.content['application/json']?.schema;
  return `<article id="${escaped(one.operationId)}">
<h3><b>${method.toUpperCase()}</b> <code>${escaped(path)}</code></h3>
<p>${escaped(one.summary)}</p>
<p class="soft">${scope === undefined ? 'Open to everybody on this computer.' : `Needs a key good for <code>${escaped(scope)}</code>.`}</p>
${facts.length === 0 ? '' : `<dl>${facts.join('')}</dl>`}
${body === undefined ? '' : `<details><summary>What is sent</summary><pre>${escaped(JSON.stringify(body, null, 2))}</pre></details>`}
</article>`;
}

/** The part of the API that an address belongs to: what follows `/api/`. */
function groupOf(path: string): string {
  if (path.includes('/feedback')) return 'Feedback';
  if (path.includes('/runs')) return 'Runs';
  const [, , first = ''] = path.split('/');
  return { threads: 'Threads', assistants: 'Assistants' }[first] ?? 'Server';
}

/** The published description as a page to read: static, without a script. @param document as `openApiDocument` makes it. */
export function referencePage(document: Json): string {
  const groups = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(document['paths'] as Record<string, Record<string, Operation>>)) {
    for (const [method, one] of Object.entries(methods)) {
      const group = groupOf(path);
      groups.set(group, [...(groups.get(group) ?? []), operationHtml(path, method, one)]);
    }
  }
  const { title, version, description } = document['info'] as { title: string; version: string; description: string };
  const links = [...groups.keys()].map((name) => `<li><a href="#${name}">${name}</a></li>`);
  const sections = [...groups].map(
    ([name, articles]) =>
      `<section aria-labelledby="${name}"><h2 id="${name}">${name}</h2>${articles.join('\n')}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}: reference</title>
<style>${STYLE}</style></head>
<body><main>
<h1>${escaped(title)} ${escaped(version)}</h1>
<p>${escaped(description)} A key is sent as <code>Authorization: Bearer …</code> or <code>x-api-key: …</code>; make one in the
settings, under Local API. The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
<p class="soft">An error is <code>{"detail": "a sentence", "code": "stable"}</code>.</p>
<nav aria-label="Parts"><ul>${links.join('')}</ul></nav>
${sections.join('\n')}
</main></body></html>
`;
}
