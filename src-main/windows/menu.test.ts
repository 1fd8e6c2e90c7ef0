import { describe, expect, it, vi } from 'vitest';
import { COMMAND_IDS, COMMANDS, type CommandId } from '#contract/commands';

vi.mock('electron', () => ({ Menu: { buildFromTemplate: (template: unknown) => template } }));

const { acceleratorOf, menuTemplate } = await import('./menu.ts');

function itemsOf(parts: Partial<Parameters<typeof menuTemplate>[0]> = {}) {
  const run: CommandId[] = [];
  const template = menuTemplate({
    platform: 'linux',
    locale: 'en',
    shortcuts: {},
    onCommand: (id) => run.push(id),
    ...parts,
  });
  const items = template.flatMap((menu) => (Array.isArray(menu.submenu) ? menu.submenu : []));
  return { template, run, items, item: (id: CommandId) => items.find((each) => each.id === id) };
}

describe('the desktop menu', () => {
  it('[E12] holds every command that has a place in it, once, and does it', () => {
    const { items, run } = itemsOf();
    const wanted = COMMAND_IDS.filter((id) => COMMANDS[id].menu !== undefined);
    expect(items.flatMap(({ id }) => id ?? []).sort()).toEqual([...wanted].sort());
    for (const item of items) (item.click as (() => void) | undefined)?.();
    expect([...run].sort()).toEqual([...wanted].sort());
  });

  it('[E12] shows the keys that hold now, and leaves hearing them to the page', () => {
    const { item } = itemsOf({ shortcuts: { newChat: 'Mod+Shift+ARROWUP', showPalette: null } });
    expect(item('newChat')).toMatchObject({ accelerator: 'CommandOrControl+Shift+Up', registerAccelerator: false });
    expect(item('showPalette')).not.toHaveProperty('accelerator');
    expect(item('showSettings')).toMatchObject({ accelerator: 'CommandOrControl+,' });
  });

  it('[E12] speaks the language of the page, also where the system does the work', () => {
    const { template, items } = itemsOf({ locale: 'zh-CN', platform: 'win32' });
    for (const { label } of template) expect(label).toMatch(/\p{Script=Han}/u);
    for (const item of items.filter(({ type }) => type !== 'separator')) expect(item.label).toMatch(/\p{Script=Han}/u);
  });

  it.each([
    ['Mod++', 'CommandOrControl+Plus'],
    ['Ctrl+Alt+K', 'Control+Alt+K'],
    ['Shift+F6', 'Shift+F6'],
    ['Alt+Shift+ARROWDOWN', 'Alt+Shift+Down'],
  ])('[E12] %s is %s', (keys, accelerator) => {
    expect(acceleratorOf(keys)).toBe(accelerator);
  });
});
