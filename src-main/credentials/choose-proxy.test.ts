import { describe, expect, it } from 'vitest';
import { chooseProxy, isLoopbackHost, type ProxySetting } from './choose-proxy.ts';

const OPTIONS = [null, 'direct', 'proxy'] as const;
type Option = (typeof OPTIONS)[number];

const setting = (option: Option, name: string): ProxySetting<string> =>
  option === null ? null : option === 'direct' ? { mode: 'direct' } : { mode: 'proxy', proxy: name };

/** The rule again, as the specification has it: the first that says anything decides. */
function expected(credential: Option, group: Option, global: Option, isLoopback: boolean) {
  for (const [option, name] of [
    [credential, 'credential'],
    [group, 'group'],
  ] as const) {
    if (option === 'direct') return { source: `${name}_direct`, proxy: null };
    if (option === 'proxy') return { source: name, proxy: name };
  }
  return global === 'proxy' && !isLoopback ? { source: 'global', proxy: 'global' } : { source: 'none', proxy: null };
}

describe('the proxy of a credential', () => {
  const rows = OPTIONS.flatMap((credential) =>
    OPTIONS.flatMap((group) =>
      OPTIONS.flatMap((global) => [false, true].map((isLoopback) => ({ credential, group, global, isLoopback }))),
    ),
  );
  it.each(rows)('[E10-18] with $credential, group $group, general $global, loopback $isLoopback', (row) => {
    const { credential, group, global, isLoopback } = row;
    expect(
      chooseProxy({
        credential: setting(credential, 'credential'),
        group: setting(group, 'group'),
        global: setting(global, 'global'),
        isLoopback,
      }),
    ).toEqual(expected(credential, group, global, isLoopback));
  });

  it('[E10-18] this computer is known by all its names, and no other is taken for it', () => {
    for (const host of ['localhost', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '::1'])
      expect(isLoopbackHost(host), host).toBe(true);
    for (const host of ['', 'localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', '10.0.0.1', '[::2]'])
      expect(isLoopbackHost(host), host).toBe(false);
  });
});
