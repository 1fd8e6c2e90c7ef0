import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  _electron,
  type Browser,
  type BrowserContext,
  test as base,
  type ElectronApplication,
  expect,
  type Page,
  type TestInfo,
} from '@playwright/test';
import type { Result } from '#contract/errors';
import type { RouteInput, RouteName, RouteOutputs, SluiceApi } from '#contract/routes';
import { FakeUpstream } from './fake-upstream/fake-upstream.ts';
import { type HostProcess, ROOT, startHeadless } from './host-process.ts';
import { launchChromium } from './launch-chromium.ts';
import { type Look, namesALook, type Reopening, takeEveryLook } from './picture-looks.ts';
import { readSurroundings, type Surroundings } from './surroundings.ts';

export { expect };

const NETWORK_ERROR = /net::ERR_|WebSocket connection|Failed to load resource|Failed to fetch/;

interface StartOptions {
  /** The page that saw the host go stays and has to reconnect by itself. Headless only; a window dies with its host. */
  keepPage?: boolean;
}

/** One application under test, the same in both hosts. A test gets its own, with a data directory of its own. */
export interface SluiceApp {
  readonly host: Surroundings['host'];
  readonly dataDir: string;
  readonly fake: FakeUpstream;
  /** The window. Another one after `restart` and `start`. */
  readonly page: Page;
  /** The headless host's address and token; null in Electron, where nothing listens. */
  readonly server: { url: string; token: string } | null;
  readonly pid: number;
  /** Calls a route as the owner: over HTTP in the headless host, through the preload in Electron. */
  request<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<RouteOutputs[Name]>;
  /** The same, with the whole answer, for failures. */
  requestResult<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<Result<RouteOutputs[Name]>>;
  /** A second window on the same host. In Electron there is one window, so such a test skips itself there. */
  openPage(): Promise<Page>;
  /** Ends the host in order and starts it again on the same data directory, at the same address. */
  restart(options?: StartOptions): Promise<void>;
  /** Ends the host with SIGKILL. In the headless host the page stays as it is; `start` brings the host back. */
  kill(): Promise<void>;
  /** Starts the host after `kill`. */
  start(options?: StartOptions): Promise<void>;
  /** Console errors that match are part of this test's story. */
  expectConsoleError(pattern: RegExp): void;
  /**
   * With `E2E_PICTURES=1`, saves a screenshot to test-results/screenshots and attaches it. With `E2E_PICTURES=every`, saves
   * it in every look to test-results/looks; after that a test may not find open what it had opened, and what a change of the
   * window closes is in all of them only with `reopening`.
   */
  screenshot(name: string, reopening?: Reopening): Promise<void>;
}

/** Notes what pages complain about. */
class Complaints {
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];
  /** Set as soon as a test ends its host: from then on a page may find nobody at the other end. */
  networkMayFail = false;

  watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const text = message.text();
      if (this.networkMayFail && NETWORK_ERROR.test(text)) return;
      this.#found.push(`console: ${text} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.#found.push(`page error: ${error.stack ?? error.message}`));
  }

  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  unexpected(): string[] {
    return this.#found.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
  }
}

abstract class AppUnderTest implements SluiceApp {
  abstract readonly host: Surroundings['host'];
  abstract readonly server: SluiceApp['server'];
  abstract readonly pid: number;
  readonly dataDir = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  readonly fake: FakeUpstream;
  protected readonly surroundings: Surroundings;
  protected readonly env: Record<string, string>;
  protected readonly complaints = new Complaints();
  readonly #info: TestInfo;
  protected current: Page | null = null;

  constructor(fake: FakeUpstream, surroundings: Surroundings, env: Record<string, string>, info: TestInfo) {
    this.fake = fake;
    this.surroundings = surroundings;
    this.env = env;
    this.#info = info;
  }

  get page(): Page {
    if (this.current === null) throw new Error('The application has no window now.');
    return this.current;
  }

  async request<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<RouteOutputs[Name]> {
    const result = await this.requestResult(route, input);
    if (result.ok) return result.data;
    throw new Error(`${route} failed: ${result.error.code}: ${result.error.message}`);
  }

  abstract requestResult<Name extends RouteName>(
    route: Name,
    input: RouteInput<Name>,
  ): Promise<Result<RouteOutputs[Name]>>;
  abstract openPage(): Promise<Page>;
  abstract start(options?: StartOptions): Promise<void>;
  abstract kill(): Promise<void>;
  /** Ends the host in order. Harmless when it has ended. */
  abstract stop(): Promise<void>;
  /** The host's stderr, and whether it ended although nobody asked it to. */
  abstract report(): { stderr: string; diedByItself: boolean };

  async restart(options: StartOptions = {}): Promise<void> {
    await this.stop();
    await this.start(options);
  }

  expectConsoleError(pattern: RegExp): void {
    this.complaints.expect(pattern);
  }

  async screenshot(name: string, reopening?: Reopening): Promise<void> {
    const { pictures } = this.surroundings;
    if (pictures === 'none') return;
    if (pictures === 'every look') {
      if (namesALook(name)) return;
      // Nothing is stored while the core cannot open its store; the page is taken as it is.
      const choose = (look: Pick<Look, 'theme' | 'language'>) =>
        this.requestResult('settings.set', { values: { theme: look.theme, language: look.language } });
      this.#info.setTimeout(this.#info.timeout + 30_000);
      const folder = join(ROOT, 'test-results', 'looks');
      await takeEveryLook(this.page, folder, name.replace(/-(light|1280)\b/g, ''), choose, reopening);
      return;
    }
    const path = join(ROOT, 'test-results', 'screenshots', `${name}.png`);
    await this.page.screenshot({ path });
    await this.#info.attach(name, { path, contentType: 'image/png' });
  }

  /** Ends everything this test started, then fails it for what nobody expected. */
  async finish(): Promise<void> {
    const { diedByItself } = this.report();
    const log = join(this.dataDir, 'sluice.log');
    try {
      const complaints = this.complaints.unexpected();
      await this.stop();
      expect.soft(complaints, 'The page must not report errors.').toEqual([]);
      expect.soft(diedByItself, 'The host must not end by itself.').toBe(false);
    } finally {
      await this.fake.close();
      if (this.#info.status !== this.#info.expectedStatus) {
        await this.#info.attach('host stderr', { body: this.report().stderr, contentType: 'text/plain' });
        if (existsSync(log))
          await this.#info.attach('host log', { body: readFileSync(log), contentType: 'text/plain' });
      }
      rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

class HeadlessApp extends AppUnderTest {
  readonly host = 'headless';
  readonly #token = randomBytes(32).toString('hex');
  readonly #context: BrowserContext;
  #process: HostProcess | null = null;
  #port = 0;
  #expectsEnd = true;
  #stderr = '';

  constructor(context: BrowserContext, ...rest: ConstructorParameters<typeof AppUnderTest>) {
    super(...rest);
    this.#context = context;
  }

  get #running(): HostProcess {
    if (this.#process === null) throw new Error('The headless host does not run now.');
    return this.#process;
  }

  get server(): { url: string; token: string } {
    return { url: this.#running.url, token: this.#token };
  }

  get pid(): number {
    return this.#running.pid;
  }

  async start(options: StartOptions = {}): Promise<void> {
    this.#process = await startHeadless({
      node: this.surroundings.node,
      dataDir: this.dataDir,
      token: this.#token,
      port: this.#port,
      env: this.env,
    });
    this.#expectsEnd = false;
    // The same port from now on: an origin of its own would forget what the page keeps in its storage.
    this.#port = Number(new URL(this.#process.url).port);
    if (options.keepPage === true && this.current !== null) return;
    const before = this.current;
    this.current = await this.openPage();
    await before?.close();
  }

  async openPage(): Promise<Page> {
    const page = await this.#context.newPage();
    this.complaints.watch(page);
    await page.goto(`${this.server.url}/#token=${this.#token}`);
    return page;
  }

  async requestResult<Name extends RouteName>(
    route: Name,
    input: RouteInput<Name>,
  ): Promise<Result<RouteOutputs[Name]>> {
    const response = await fetch(`${this.server.url}/api/app/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    return (await response.json()) as Result<RouteOutputs[Name]>;
  }

  async stop(): Promise<void> {
    await this.#end((host) => host.stop());
  }

  async kill(): Promise<void> {
    await this.#end((host) => host.kill());
  }

  async #end(how: (host: HostProcess) => Promise<unknown>): Promise<void> {
    const host = this.#process;
    if (host === null) return;
    // From here on the page may find nobody at the other end.
    this.complaints.networkMayFail = true;
    this.#expectsEnd = true;
    this.#process = null;
    try {
      await how(host);
    } finally {
      this.#stderr += host.stderr();
    }
  }

  report(): { stderr: string; diedByItself: boolean } {
    return {
      stderr: this.#stderr + (this.#process?.stderr() ?? ''),
      diedByItself: !this.#expectsEnd && this.#process?.isAlive() === false,
    };
  }
}

class ElectronApp extends AppUnderTest {
  readonly host = 'electron';
  readonly server = null;
  #app: ElectronApplication | null = null;
  #expectsEnd = true;
  #stderr = '';

  get #running(): ElectronApplication {
    if (this.#app === null) throw new Error('The application does not run now.');
    return this.#app;
  }

  get pid(): number {
    return this.#running.process().pid ?? -1;
  }

  async start(): Promise<void> {
    const { electronPath, isRoot } = this.surroundings;
    if (electronPath === null) throw new Error('ELECTRON_EXEC_PATH is not set.');
    const env = Object.fromEntries(
      Object.entries({ ...process.env, ...this.env, SLUICE_DATA_DIR: this.dataDir }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'ELECTRON_RUN_AS_NODE',
      ),
    );
    const app = await _electron.launch({
      executablePath: electronPath,
      args: [ROOT, ...(isRoot ? ['--no-sandbox'] : [])],
      env,
    });
    this.#app = app;
    this.#expectsEnd = false;
    app.process().stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    const page = await app.firstWindow();
    this.complaints.watch(page);
    this.current = page;
  }

  async openPage(): Promise<Page> {
    throw new Error('The desktop application has one window; test.skip(app.host === "electron") before openPage().');
  }

  async requestResult<Name extends RouteName>(
    route: Name,
    input: RouteInput<Name>,
  ): Promise<Result<RouteOutputs[Name]>> {
    const call = { route: route as string, input: input as unknown };
    const result = await this.page.evaluate(({ route, input }) => {
      const { sluice } = window as unknown as { sluice: Pick<SluiceApi, 'request'> };
      return sluice.request(route as RouteName, input as never);
    }, call);
    return result as Result<RouteOutputs[Name]>;
  }

  async stop(): Promise<void> {
    const app = this.#app;
    if (app === null) return;
    this.#expectsEnd = true;
    this.#app = null;
    this.current = null;
    // As a system that goes down: nobody is there to be asked about answers that are being made.
    await app.evaluate(({ powerMonitor }) => powerMonitor.emit('shutdown'));
    await app.close();
  }

  async kill(): Promise<void> {
    const app = this.#app;
    if (app === null) return;
    this.#expectsEnd = true;
    this.#app = null;
    this.current = null;
    const closed = app.waitForEvent('close');
    app.process().kill('SIGKILL');
    await closed;
  }

  report(): { stderr: string; diedByItself: boolean } {
    return { stderr: this.#stderr, diedByItself: !this.#expectsEnd && this.#app?.process().exitCode !== null };
  }
}

interface TestFixtures {
  /** More environment for the host, with `test.use({ hostEnv: … })`. */
  hostEnv: Record<string, string>;
  app: SluiceApp;
}

interface WorkerFixtures {
  surroundings: Surroundings;
  /** The browser that shows the headless host; null in Electron, which brings its own. */
  viewer: Browser | null;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  surroundings: [async ({}, use) => use(readSurroundings()), { scope: 'worker' }],
  viewer: [
    async ({ surroundings }, use) => {
      const { host, chromiumPath } = surroundings;
      if (host === 'electron') return use(null);
      if (chromiumPath === null) throw new Error('CHROMIUM_PATH is not set.');
      const browser = await launchChromium(chromiumPath);
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  hostEnv: [{}, { option: true }],
  app: async ({ surroundings, viewer, hostEnv }, use, info) => {
    info.annotations.push({ type: 'host', description: surroundings.host });
    const fake = await FakeUpstream.start();
    const context = viewer === null ? null : await viewer.newContext();
    const app =
      context === null
        ? new ElectronApp(fake, surroundings, hostEnv, info)
        : new HeadlessApp(context, fake, surroundings, hostEnv, info);
    try {
      await app.start();
      await use(app);
    } finally {
      await app.finish();
      await context?.close();
    }
  },
});
