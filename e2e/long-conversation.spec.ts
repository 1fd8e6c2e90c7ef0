import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { finish, text, waitForRelease, words } from './fake-upstream/script.ts';

const TURNS = 90;

/** A conversation of so many turns, each with a word of its own and some that all of them have. */
async function seed(app: SluiceApp, turns = TURNS): Promise<void> {
  await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'm' });
  await app.request('settings.set', { values: { defaultProfile: 'fake', compressionEnabled: false } });
  for (let turn = 1; turn <= turns; turn++) {
    app.fake.next([
      text(`Answer ${turn} about the **water** pump.\n\n- first of ${turn}\n- second\n\n${'Some words. '.repeat(40)}`),
      finish(),
    ]);
    const ack = await app.request('chat.run', { session_id: 'long', input: `Question ${turn} of the reader` });
    // Ninety times the tenth of a second after which a poll looks again would be most of this test.
    await expect
      .poll(async () => (await app.request('runs.get', { runId: ack.run_id })).status, { intervals: [10] })
      .toBe('success');
  }
}

async function open(app: SluiceApp): Promise<void> {
  await app.page.locator('[data-session-id="long"] button').first().click();
  await expect(app.page.getByText(`Answer ${TURNS} about`)).toBeVisible();
}

const list = (app: SluiceApp) => app.page.locator('section[tabindex="0"]').first();
const fromEnd = (app: SluiceApp) =>
  list(app).evaluate((element) => Math.round(element.scrollHeight - element.scrollTop - element.clientHeight));

test('[E5-08] a long conversation draws what is looked at, and its beginning comes by scrolling', async ({ app }) => {
  test.slow();
  await seed(app);
  const { page } = app;
  await open(app);
  expect(await fromEnd(app)).toBeLessThan(2);
  // Far fewer are drawn than there are.
  expect(await page.getByTestId('message-user').count()).toBeLessThan(30);
  await list(app).hover();
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, -4000);
        return list(app).getByText('Question 1 of the reader').isVisible();
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  await app.screenshot('long-beginning');
  await expectAccessible(app);
  // What was at the end has been given up meanwhile, and comes back.
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(page.getByText(`Answer ${TURNS} about`)).toBeInViewport();
  await expect.poll(() => fromEnd(app)).toBeLessThan(2);

  await test.step('find goes through all of it, page by page', async () => {
    await page.keyboard.press('ControlOrMeta+f');
    await expect(page.getByTestId('find-input')).toBeFocused();
    await page.keyboard.type('WATER pump');
    await expect(page.getByTestId('find-count')).toHaveText(new RegExp(`^\\d+ of ${TURNS}$`));
    const marks = () =>
      page.evaluate(() => {
        const one = (CSS as unknown as { highlights: Map<string, Set<Range>> }).highlights.get('find-current');
        return [...(one ?? [])].map((range) => range.toString());
      });
    await expect.poll(marks).toEqual(['water pump']);
    await app.screenshot('find-light');
    await expectAccessible(app);
    await page.emulateMedia({ colorScheme: 'dark' });
    await app.screenshot('find-dark');
    await expectAccessible(app, { only: 'colours' });

    await page.getByTestId('find-input').fill('Question 2 of');
    await expect(page.getByTestId('find-count')).toHaveText('1 of 1');
    await expect(list(app).getByText('Question 2 of the reader')).toBeInViewport();
    await page.getByTestId('find-input').fill('first of');
    await expect(page.getByTestId('find-count')).toHaveText(new RegExp(`of ${TURNS}$`));
    const before = await page.getByTestId('find-count').innerText();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('find-count')).not.toHaveText(before);
    await page.keyboard.press('Shift+Enter');
    await expect(page.getByTestId('find-count')).toHaveText(before);
    await page.getByTestId('find-input').fill('nowhere at all');
    await expect(page.getByTestId('find-count')).toHaveText('No match');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('find-bar')).toHaveCount(0);
    await expect(page.getByTestId('composer-input')).toBeFocused();
  });

  await test.step('a hit of the search is brought into view from an earlier page', async () => {
    await page.reload();
    await app.page.locator('[data-session-id="long"] button').first().click();
    await expect(page.getByText(/Answer \d+ about/).first()).toBeVisible();
    const { hits } = await app.request('sessions.search', { query: 'Question 3 of', limit: 5 });
    expect(hits.length).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.getByTestId('search-input').fill('Question 3 of');
    await page.getByTestId('search-hit').first().click();
    await expect(list(app).getByText('Question 3 of the reader')).toBeInViewport();
  });
});

const PARTS = 400;
/** An answer of some hundred windows, each part of it with a number, code and formulas. */
const longAnswer = Array.from(
  { length: PARTS },
  (_, index) =>
    `## Part ${index + 1}\n\nWords with $x_{${index + 1}}$ in them.\n\n\`\`\`ts\nconst part = ${index + 1};\n\`\`\`\n\n$$\n\\frac{${index + 1}}{b}\n$$\n\n`,
).join('');

test('[E5-08] one long answer is drawn where the reader stops, formulas for eye and ear, and nothing moves then', async ({
  app,
}) => {
  test.slow();
  await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'm' });
  await app.request('settings.set', { values: { defaultProfile: 'fake', compressionEnabled: false } });
  app.fake.next([text(longAnswer), finish()]);
  const ack = await app.request('chat.run', { session_id: 'long', input: 'Tell me all of it' });
  await expect.poll(async () => (await app.request('runs.get', { runId: ack.run_id })).status).toBe('success');
  const { page } = app;
  await page.locator('[data-session-id="long"] button').first().click();
  const heading = (part: number) => list(app).getByRole('heading', { name: `Part ${part}`, exact: true });
  await expect(heading(PARTS)).toBeInViewport();
  await expect.poll(() => fromEnd(app)).toBeLessThan(2);

  await list(app).hover();
  for (let step = 0; step < 25; step++) await page.mouse.wheel(0, -700);
  // What is in the window: how many groups there are, those that are empty, and formulas that one of both does not get.
  const inSight = () =>
    page.evaluate(() => {
      const isInSight = (element: Element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      };
      const groups = [...document.querySelectorAll('.answer-group')].filter(isInSight);
      const formulas = groups.flatMap((group) => [...group.querySelectorAll('[data-testid="math"]')]);
      return {
        some: groups.length > 0 && formulas.length > 0,
        empty: groups.filter((group) => group.childElementCount === 0).length,
        halves: formulas.filter((each) => !each.querySelector('.katex-html') || !each.querySelector('math')).length,
      };
    });
  await expect.poll(inSight).toEqual({ some: true, empty: 0, halves: 0 });
  expect(await fromEnd(app)).toBeGreaterThan(5000);
  // Far fewer are drawn than there are.
  const drawnParts = await list(app).locator('h2').count();
  expect(drawnParts).toBeGreaterThan(10);
  expect(drawnParts).toBeLessThan(PARTS / 2);
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('.answer-group h2')]
        .map((each) => [each.textContent, Math.round(each.getBoundingClientRect().top)] as const)
        .filter(([, top]) => top > 0 && top < innerHeight),
    );
  const before = await places();
  expect(before.length).toBeGreaterThan(0);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await places()).toEqual(before);

  await test.step('its beginning comes at once with the scrollbar, and find goes through all of it', async () => {
    await list(app).evaluate((element) => {
      element.scrollTop = 0;
    });
    await expect(heading(1)).toBeInViewport();
    await expect.poll(inSight).toEqual({ some: true, empty: 0, halves: 0 });
    await page.keyboard.press('ControlOrMeta+f');
    await page.getByTestId('find-input').fill('const part = 203;');
    await expect(page.getByTestId('find-count')).toHaveText('1 of 1');
    await expect(heading(203)).toBeInViewport();
  });
});

test('[E1-07] a window of another width shows what was read, and a message of one’s own is gone to', async ({
  app,
}) => {
  await seed(app, 40);
  const { page } = app;
  await page.locator('[data-session-id="long"] button').first().click();
  await expect(page.getByText('Answer 40 about')).toBeVisible();
  const line = page.getByText('Question 37 of the reader');
  await line.evaluate((element) => element.scrollIntoView({ block: 'start' }));
  await list(app).hover();
  await page.mouse.wheel(0, -40);
  const jump = page.getByRole('button', { name: 'Jump to latest' });
  await expect(jump).toBeVisible();
  const below = async () => (await line.boundingBox())?.y ?? Number.NaN;
  await expect.poll(below).toBeGreaterThan(60);
  const before = await below();
  for (const width of [600, 480, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(async () => Math.abs((await below()) - before), `at ${width} px`).toBeLessThan(24);
    await expect(jump).toBeVisible();
  }
  app.fake.next([...words('Good. '.repeat(40)), finish()]);
  await page.getByTestId('composer-input').fill('Go on');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-assistant').last()).toContainText('Good. Good.');
  await expect.poll(() => fromEnd(app)).toBeLessThan(2);
});

test('[E1-07] what is read stays where it is while an answer grows, and the smallest step up lets go', async ({
  app,
}) => {
  await seed(app, 6);
  const { page } = app;
  await page.locator('[data-session-id="long"] button').first().click();
  await expect(page.getByText('Answer 6 about')).toBeVisible();
  const line = 'One more line of the growing answer. ';
  app.fake.next([
    ...words(line.repeat(60)),
    waitForRelease('more'),
    ...words(line.repeat(80)),
    waitForRelease('rest'),
    ...words(line.repeat(40)),
    finish(),
  ]);
  await page.getByTestId('composer-input').fill('Grow');
  await page.keyboard.press('Enter');
  await app.fake.gates.reached('more');
  await expect.poll(() => fromEnd(app)).toBeLessThan(2);
  await list(app).hover();
  await page.mouse.wheel(0, -30);
  await expect.poll(() => fromEnd(app)).toBeGreaterThan(10);
  const top = () => list(app).evaluate((element) => element.scrollTop);
  const held = await top();
  app.fake.release('more');
  await app.fake.gates.reached('rest');
  await expect.poll(() => fromEnd(app)).toBeGreaterThan(200);
  expect(await top()).toBe(held);
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect.poll(() => fromEnd(app)).toBeLessThan(2);
  app.fake.release('rest');
  await expect(page.getByTestId('send')).toBeVisible();
  await expect.poll(() => fromEnd(app)).toBeLessThan(2);
});
