import { describe, expect, it } from 'vitest';
import { browserCandidates, findBrowser } from './browser.mjs';

describe('finding a browser', () => {
  it('a named browser that is not there is an error, not another browser', () => {
    expect(findBrowser({ CHROMIUM_PATH: '/nowhere/chromium', PATH: process.env['PATH'] })).toHaveProperty('problem');
  });

  it('a named browser is taken as it is', () => {
    expect(findBrowser({ CHROMIUM_PATH: process.execPath })).toEqual({ path: process.execPath });
  });

  it('PATH comes first, then the usual places of the system', () => {
    const mac = browserCandidates({ PATH: '/opt/bin' }, 'darwin', '/Users/ada');
    expect(mac[0]).toBe('/opt/bin/chromium');
    expect(mac).toContain('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
    expect(browserCandidates({ PATH: '' }, 'linux', '/home/ada')).toEqual([]);
  });
});
