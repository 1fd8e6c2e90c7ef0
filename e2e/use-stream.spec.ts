import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Rollup } from 'vite';
import { expect, test } from './app.fixture.ts';
import { finish, text, waitForRelease } from './fake-upstream/script.ts';

// A page of another program with the React hook of LangGraph's client. Its server hands the API through, as a program does:
// a page of another origin gets nothing from Sluice itself.

async function buildPage(): Promise<Map<string, string>> {
  const result = (await build({
    root: join(import.meta.dirname, 'use-stream'),
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: false },
  })) as Rollup.RollupOutput;
  return new Map(
    result.output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : String(file.source)]),
  );
}

/** Serves the page, and hands `/api` on with the program's key. */
async function startProgram(files: Map<string, string>, upstream: string, key: string): Promise<Server> {
  const { port } = new URL(upstream);
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (!path.startsWith('/api/')) {
      const body = files.get(path === '/' ? '/index.html' : path);
      response.writeHead(body === undefined ? 404 : 200, {
        'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html',
      });
      response.end(body);
      return;
    }
    const { origin: _origin, host: _host, ...headers } = request.headers;
    const handed = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: request.method ?? 'GET',
        headers: { ...headers, host: `127.0.0.1:${port}`, 'x-api-key': key },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    handed.on('error', () => response.destroy());
    response.on('close', () => handed.destroy());
    request.pipe(handed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test.beforeEach(({ app }) => {
  test.skip(app.host === 'electron', 'In the desktop application the server stands behind a switch.');
});

test('[E8-03] [E8-09] [decision 25] a page with LangGraph’s React hook chats, stops and goes on, and the window shows it', async ({
  app,
}) => {
  await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'm' });
  const { key } = await app.request('localApi.createClient', { name: 'a page' });
  const program = await startProgram(await buildPage(), app.server?.url ?? '', key);
  try {
    const page = await app.page.context().newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${(program.address() as AddressInfo).port}/`);
    const messages = page.getByRole('listitem');
    const send = async (content: string) => {
      await page.getByRole('textbox', { name: 'Message' }).fill(content);
      await page.getByRole('button', { name: 'Send' }).click();
    };

    app.fake.next([text('Hello '), waitForRelease('go'), text('you'), finish({ usage: { input: 1, output: 2 } })]);
    await send('first question');
    await expect(messages).toHaveText(['human: first question', 'ai: Hello']);
    await expect(page.getByRole('status')).toHaveText('working');
    app.fake.release('go');
    await expect(messages).toHaveText(['human: first question', 'ai: Hello you']);
    await expect(page.getByRole('status')).toHaveText('resting');

    // The next one goes on from the head that the hook has read, and Stop stops it at its upstream.
    app.fake.next([text('Half '), waitForRelease('never')]);
    await send('second question');
    await expect(messages.last()).toHaveText('ai: Half');
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect(page.getByRole('status')).toHaveText('resting');
    const threadId = (await page.getByTestId('thread').textContent()) ?? '';
    await expect
      .poll(async () => (await app.request('runs.list', { sessionId: threadId })).runs.map((run) => run.status))
      .toEqual(['interrupted', 'success']);

    await send('third question');
    await expect(messages.last()).toHaveText('ai: You said: third question');
    await expect(page.getByRole('alert')).toHaveCount(0);
    expect(complaints).toEqual([]);

    // The same conversation in the window.
    await app.page.reload();
    await app.page.getByText('first question').first().click();
    await expect(app.page.getByText('You said: third question')).toBeVisible();
  } finally {
    program.closeAllConnections();
    program.close();
  }
});
