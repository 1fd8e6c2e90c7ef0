// Each option of the window, each wall of the session, each header and each line of the policies, weakened one at a time. The
// list is made from the sources, so an option that is added is weakened as well, and needs a test that says what it is to be.
// Fuses are held by one test that wants all of them as they are (`scripts/packed-files.test.ts`).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup.mjs';

/** @typedef {import('./mutants-list.mjs').Mutant} Mutant */

const WINDOW = 'src-main/windows/main-window.ts';
const LOCK = 'src-main/windows/lock-down.ts';
const PROTOCOL = 'src-main/windows/app-protocol.ts';
const DESKTOP_POLICY = 'src-main/windows/content-security-policy.ts';
const HEADLESS = 'src-main/api/static-files.ts';
const HEADERS = 'src-preload/contract/page-headers.ts';
const FRAMES = 'src-preload/contract/frame-url.ts';

const SHELL = {
  file: 'src-main/electron-shell.test.ts',
  name: 'in every option|from a scheme|what the page may not do',
};
const MANNERS = { file: 'src-main/desktop-manners.test.ts', name: 'is let through|asks a server of its own|are saved' };
const SECURITY = {
  file: 'src-main/security.test.ts',
  name: 'policy|frame has no origin|every answer|no frame connects',
};
const FRAME_PAGE = { file: 'src-main/api/static-files.test.ts', name: '' };

/** @param {string} file */
const read = (file) => readFileSync(join(ROOT, file), 'utf8');

/**
 * Every match of a pattern in a part of a file, each as one defect.
 *
 * @param {{ what: string, file: string, within: RegExp, line: RegExp, weaken: (match: RegExpMatchArray) => string, test: Mutant['test'] }} parts
 * @returns {Mutant[]}
 */
function each({ what, file, within, line, weaken, test }) {
  const part = within.exec(read(file))?.[0] ?? '';
  return [...part.matchAll(line)].map((match) => ({
    id: `option ${what} ${match[1]}`,
    why: `${what}: ${match[0].trim()} becomes ${weaken(match).trim() || 'nothing'}`,
    edits: [{ file, find: match[0], replace: weaken(match) }],
    test,
  }));
}

/**
 * @param {string} id
 * @param {string} file
 * @param {string} find
 * @param {string} replace
 * @param {Mutant['test']} [test]
 * @returns {Mutant}
 */
const wall = (id, file, find, replace, test = SHELL) => ({
  id: `option ${id}`,
  why: `${find.trim()} becomes ${replace.trim() || 'nothing'}`,
  edits: [{ file, find, replace }],
  test,
});

const DIRECTIVE = /^ {2,4}["`]([\w-]+)( [^"`\n]*)?["`],\n/gm;
/** @param {RegExpMatchArray} match */
const anything = (match) => match[0].replace(/["`]([\w-]+).*["`]/, `"$1 *"`);

/** @type {Mutant[]} */
export const OPTION_MUTANTS = [
  ...each({
    what: 'window',
    file: WINDOW,
    within: /webPreferences: \{[^}]*\}/,
    line: /^ +(\w+): (true|false),\n/gm,
    weaken: ([text, , value]) => text.replace(value ?? '', value === 'true' ? 'false' : 'true'),
    test: SHELL,
  }),
  ...each({
    what: 'window',
    file: WINDOW,
    within: /webPreferences: \{[^}]*\}/,
    line: /^ +(autoplayPolicy): '[\w-]+',\n/gm,
    weaken: () => '',
    test: SHELL,
  }),
  wall(
    'session asks',
    LOCK,
    'answer(permission === GRANTED_PERMISSION && isAppPage(details.requestingUrl))',
    'answer(true)',
  ),
  wall('session asks of others', LOCK, '&& isAppPage(details.requestingUrl)', ''),
  wall('session looks up', LOCK, 'permission === GRANTED_PERMISSION && isAppPage(requestingOrigin)', 'true'),
  wall('session looks up of others', LOCK, ' && isAppPage(requestingOrigin)', ' && requestingOrigin !== ""'),
  wall('session grants', LOCK, "'clipboard-sanitized-write'", "'clipboard-read'"),
  wall('session devices', LOCK, 'setDevicePermissionHandler(() => false)', 'setDevicePermissionHandler(() => true)'),
  wall('session requests', LOCK, '{ cancel: !mayRequest(details.url) }', '{ cancel: false }', MANNERS),
  wall(
    'session files',
    LOCK,
    "new Set(['data:', 'blob:', 'devtools:'])",
    "new Set(['data:', 'blob:', 'devtools:', 'file:'])",
    MANNERS,
  ),
  wall('session saves', LOCK, 'if (!maySave(item.getURL())) event.preventDefault();', '', MANNERS),
  wall('session clears', LOCK, "'serviceworkers', ", '', MANNERS),
  wall('contents peers', LOCK, "'disable_non_proxied_udp'", "'default'", MANNERS),
  wall(
    'contents navigate',
    LOCK,
    'if (details.isMainFrame && isAppPage(details.url)) return;',
    'if (details.isMainFrame) return;',
  ),
  wall('contents open outside', LOCK, 'if (details.isMainFrame) openOutside(details.url);', ''),
  wall('contents frames', LOCK, '!details.isMainFrame && !isFramePage(details.url)', 'false'),
  wall('contents redirect', LOCK, 'if (!isAppPage(details.url)) details.preventDefault();', ''),
  wall('contents embed', LOCK, "contents.on('will-attach-webview', (event) => event.preventDefault());", ''),
  wall('contents windows', LOCK, "return { action: 'deny' };", "return { action: 'allow' };"),
  ...each({
    what: 'scheme',
    file: PROTOCOL,
    within: /privileges: \{[^}]*\}/,
    line: /(standard|secure|supportFetchAPI|codeCache|stream): true/g,
    weaken: ([, name]) => `${name}: false`,
    test: SHELL,
  }),
  wall('scheme bypasses', PROTOCOL, 'privileges: { standard: true,', 'privileges: { bypassCSP: true, standard: true,'),
  wall('scheme foreign', PROTOCOL, 'privileges: { standard: true,', 'privileges: { corsEnabled: true, standard: true,'),
  ...each({
    what: 'desktop policy',
    file: DESKTOP_POLICY,
    within: /CONTENT_SECURITY_POLICY = \[[^]*/,
    line: DIRECTIVE,
    weaken: anything,
    test: SECURITY,
  }),
  ...each({
    what: 'headless policy',
    file: HEADLESS,
    within: /function contentSecurityPolicy[^]*?join/,
    line: DIRECTIVE,
    weaken: anything,
    test: SECURITY,
  }),
  ...each({
    what: 'trusted types',
    file: HEADERS,
    within: /TRUSTED_TYPES = [^]*/,
    line: /["'](require-trusted-types-for 'script'|trusted-types default)["'],?/g,
    weaken: () => '',
    test: SECURITY,
  }),
  ...each({
    what: 'header',
    file: HEADERS,
    within: /return \{[^]*?\n {2}\};/,
    line: /^ {4}'([\w-]+)': .*,\n/gm,
    weaken: () => '',
    test: SECURITY,
  }),
  ...each({
    what: 'feature',
    file: HEADERS,
    within: /UNUSED = \[[^\]]*/,
    line: /^ {2}'([\w-]+)',\n/gm,
    weaken: () => '',
    test: SECURITY,
  }),
  wall('frame connections', HEADLESS, "FRAME_CONNECTIONS = '(response-origin)'", "FRAME_CONNECTIONS = '(*)'", SECURITY),
  wall('page connections', HEADLESS, '(response-origin "http://*:*/*"', '("http://*:*/*"', SECURITY),
  wall(
    'headless frames deny',
    'src-main/api/guarded-response.ts',
    "'x-frame-options': 'DENY'",
    "'x-frame-options': 'SAMEORIGIN'",
    {
      file: 'src-main/api/guarded-response.test.ts',
      name: '',
    },
  ),
  wall('headless frames may stand', HEADLESS, "{ 'x-frame-options': undefined }", '{}', FRAME_PAGE),
  ...each({
    what: 'frame policy',
    file: FRAMES,
    within: /framePolicy[^]*?join\('; '\)/,
    line: /^ +["'`]((?:sandbox|default-src|style-src|img-src|base-uri|form-action)[\w-]*)[^\n]*\n/gm,
    weaken: () => '',
    test: SECURITY,
  }),
];
