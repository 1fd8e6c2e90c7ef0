import type { Page } from '@playwright/test';
import { expect } from './app.fixture.ts';

// What stands on the page of a conversation.

export const composer = (page: Page) => page.getByTestId('composer-input');
export const said = (page: Page) => page.getByTestId('message-user');
export const answers = (page: Page) => page.getByTestId('message-assistant');

/** Sends a message, and waits for its answer. */
export async function send(page: Page, message: string): Promise<void> {
  await composer(page).fill(message);
  await page.keyboard.press('Enter');
  await expect(composer(page)).toHaveValue('');
  await expect(answers(page).last()).toHaveAttribute('data-state', 'done');
}
