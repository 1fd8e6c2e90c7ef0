// npm run licences: every package of the lockfile by its licence, as Markdown. Fails on a licence that was not looked at.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup.mjs';

/** Permissive ones, and those of tools that only build: their code is in nothing that is handed out. */
const ALLOWED = new Set(
  'MIT ISC Apache-2.0 BSD-2-Clause BSD-3-Clause 0BSD BlueOak-1.0.0 CC0-1.0 CC-BY-3.0 CC-BY-4.0 Python-2.0 Unlicense MIT-0 PSF-2.0 WTFPL Zlib'.split(
    ' ',
  ),
);
const ALLOWED_FOR_TOOLS = new Set(['MPL-2.0']);

/**
 * Packages whose entry in the lockfile says nothing or something else, by what their own files say. elkjs is part of mermaid as
 * published and is handed out unmodified, which its licence allows where its source is named: github.com/kieler/elkjs.
 */
const LOOKED_AT = new Map([
  ['khroma', 'MIT'],
  ['xmlhttprequest-ssl', 'MIT'],
  ['elkjs', 'EPL-2.0'],
]);

/**
 * @param {string} licence an SPDX expression
 * @param {boolean} isTool
 */
export function isAllowed(licence, isTool) {
  const one = (/** @type {string} */ name) => ALLOWED.has(name) || (isTool && ALLOWED_FOR_TOOLS.has(name));
  const plain = licence.replaceAll(/[()]/g, '').trim();
  return plain.split(/ OR /).some((choice) => choice.split(/ AND /).every((name) => one(name.trim())));
}

/**
 * @param {{ packages: Record<string, { version?: string, license?: string, dev?: boolean, link?: boolean }> }} lock
 * @returns {{ name: string, version: string, licence: string, isTool: boolean }[]}
 */
export function packagesOf(lock) {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.link !== true)
    .map(([path, { version = '', license = 'unknown', dev = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, licence: LOOKED_AT.get(name) ?? license, isTool: dev };
    });
}

if (process.argv[1] === import.meta.filename) {
  const packages = packagesOf(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const byLicence = Map.groupBy(packages, ({ licence }) => licence);
  process.stdout.write('# Licences\n');
  for (const [licence, some] of [...byLicence].sort(([, a], [, b]) => b.length - a.length)) {
    process.stdout.write(
      `\n## ${licence} (${some.length})\n\n${some.map(({ name, version }) => `- ${name} ${version}\n`).join('')}`,
    );
  }
  const refused = packages.filter((one) => !LOOKED_AT.has(one.name) && !isAllowed(one.licence, one.isTool));
  for (const { name, licence } of refused) process.stderr.write(`${name}: ${licence} was not looked at.\n`);
  if (refused.length > 0) process.exitCode = 1;
}
