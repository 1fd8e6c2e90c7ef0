import { describe, expect, it } from 'vitest';
import { chooseE2eHost } from './e2e-host.mjs';
import { hasDisplay } from './electron-binary.mjs';
import { chooseHost, parseListening, readStartOptions, START_HELP } from './start-options.mjs';

describe('npm start', () => {
  it.each([
    { wanted: null, display: true, binary: true, host: 'electron', says: null },
    { wanted: null, display: true, binary: false, host: 'headless', says: /install-electron/ },
    { wanted: null, display: false, binary: true, host: 'headless', says: /No display/ },
    { wanted: null, display: false, binary: false, host: 'headless', says: /No display/ },
    { wanted: 'headless', display: true, binary: true, host: 'headless', says: null },
    { wanted: 'electron', display: false, binary: true, host: 'electron', says: null },
  ] as const)('wanted $wanted, display $display, binary $binary → $host', ({ host, says, ...facts }) => {
    const choice = chooseHost(facts);
    if ('problem' in choice) throw new Error(choice.problem);
    expect(choice.host).toBe(host);
    if (says === null) expect(choice.reason).toBeNull();
    else {
      expect(choice.reason).toMatch(says);
      expect(choice.reason).not.toContain('\n');
    }
  });

  it('--electron without a binary is an error that names the remedy', () => {
    expect(chooseHost({ wanted: 'electron', display: true, binary: false })).toEqual({
      problem: expect.stringContaining('npx install-electron') as string,
    });
  });

  it('reads options before and after npm’s --', () => {
    expect(readStartOptions(['--headless'], {})).toMatchObject({ host: 'headless' });
    expect(readStartOptions([], { npm_config_electron: 'true' })).toMatchObject({ host: 'electron' });
    expect(readStartOptions(['--electron', '--no-sandbox'], {})).toMatchObject({ passedOn: ['--no-sandbox'] });
    expect(readStartOptions(['--electron', '--headless'], {})).toHaveProperty('problem');
    expect(readStartOptions(['--heedless'], {})).toHaveProperty('problem');
  });

  it('[E12] hands doctor on, answers --version and --help itself, and names --help where it knows nothing', () => {
    expect(readStartOptions(['doctor', '--json'], {})).toMatchObject({ asked: ['doctor', '--json'], host: null });
    expect(readStartOptions(['--json', 'doctor'], {})).toMatchObject({ asked: ['doctor', '--json'] });
    expect(readStartOptions(['--headless', '--help'], {})).toMatchObject({ help: true });
    expect(readStartOptions(['--headless', '--version'], {})).toMatchObject({ version: true });
    expect(readStartOptions(['--json'], {})).toHaveProperty('problem');
    expect(readStartOptions(['docter'], {})).toEqual({ problem: expect.stringContaining('--help') as string });
    for (const word of ['doctor', '--version', '--headless', '--electron']) expect(START_HELP).toContain(word);
  });

  it('reads the host’s first line and nothing else as one', () => {
    const line = { event: 'listening', url: 'http://127.0.0.1:1', pid: 2 };
    expect(parseListening(JSON.stringify(line))).toEqual({ url: line.url, pid: 2, dataDir: null });
    expect(parseListening(JSON.stringify({ ...line, dataDir: '/d' }))?.dataDir).toBe('/d');
    for (const other of ['', 'null', '{"event":"other"}', 'Sluice', '{"event":"listening","url":1,"pid":2}']) {
      expect(parseListening(other)).toBeNull();
    }
  });

  it('Linux has a display when X11 or Wayland says so', () => {
    expect(hasDisplay({}, 'linux')).toBe(false);
    expect(hasDisplay({ DISPLAY: '' }, 'linux')).toBe(false);
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
    expect(hasDisplay({}, 'darwin')).toBe(true);
  });
});

describe('npm run e2e', () => {
  it.each([
    { wanted: undefined, display: true, binary: true, host: 'electron' },
    { wanted: 'auto', display: false, binary: true, host: 'headless' },
    { wanted: 'auto', display: true, binary: false, host: 'headless' },
    { wanted: 'electron', display: true, binary: true, host: 'electron' },
    { wanted: 'headless', display: true, binary: true, host: 'headless' },
  ])('E2E_HOST=$wanted, display $display, binary $binary → $host, and says why', ({ host, ...facts }) => {
    expect(chooseE2eHost(facts)).toEqual({ host, reason: expect.stringMatching(/./) as string });
  });

  it('a forced Electron never falls back, and a misspelt host is refused', () => {
    expect(chooseE2eHost({ wanted: 'electron', display: true, binary: false })).toHaveProperty('problem');
    expect(chooseE2eHost({ wanted: 'electron', display: false, binary: true })).toHaveProperty('problem');
    expect(chooseE2eHost({ wanted: 'electrum', display: true, binary: true })).toHaveProperty('problem');
  });
});
