// node scripts/merge-feeds.mjs FROM TO: puts together what the machines of a release packed. FROM holds a folder for each
// machine. Packages go to TO as they are; feeds, which say what the newest version is, are written by several machines for
// the same system and become one. STAGED_PERCENT (1 to 100) lets a version go to a part of all computers first.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dump, load } from 'js-yaml';

/** @typedef {{ version: string, files: { url: string, sha512: string, size: number }[], path?: string, sha512?: string }} Feed */

/**
 * One feed of the feeds that several machines wrote for the same system and channel.
 *
 * @param {string} name for the sentence of a refusal.
 * @param {Feed[]} feeds
 * @param {number | null} stagedPercent null for everybody at once.
 * @returns {Feed & { stagingPercentage?: number }}
 */
export function mergeFeeds(name, feeds, stagedPercent) {
  const [first] = feeds;
  if (first === undefined) throw new Error(`${name}: there is nothing to put together.`);
  /** @type {Map<string, Feed['files'][number]>} */
  const files = new Map();
  for (const feed of feeds) {
    if (feed.version !== first.version)
      throw new Error(`${name}: one machine packed ${first.version}, another one ${feed.version}.`);
    for (const file of feed.files) {
      if (files.has(file.url))
        throw new Error(`${name}: two machines packed a ${file.url}; one would replace the other.`);
      files.set(file.url, file);
    }
  }
  return {
    ...first,
    files: [...files.values()],
    ...(stagedPercent === null ? {} : { stagingPercentage: stagedPercent }),
  };
}

/**
 * @param {string | undefined} text
 * @returns {number | null}
 */
export function readStagedPercent(text) {
  if (text === undefined || text === '') return null;
  const percent = Number(text);
  if (!Number.isInteger(percent) || percent < 1 || percent > 100)
    throw new Error(`STAGED_PERCENT is a whole number from 1 to 100, not “${text}”.`);
  return percent === 100 ? null : percent;
}

/**
 * @param {string} from
 * @param {string} to
 * @param {number | null} stagedPercent
 */
export function mergeRelease(from, to, stagedPercent) {
  mkdirSync(to, { recursive: true });
  /** @type {Map<string, Feed[]>} */
  const feeds = new Map();
  const taken = new Set();
  for (const machine of readdirSync(from)) {
    for (const file of readdirSync(join(from, machine))) {
      const path = join(from, machine, file);
      if (file.endsWith('.yml')) {
        const feed = /** @type {Feed} */ (load(readFileSync(path, 'utf8')));
        feeds.set(file, [...(feeds.get(file) ?? []), feed]);
      } else {
        if (taken.has(file)) throw new Error(`Two machines packed a ${file}; one would replace the other.`);
        taken.add(file);
        copyFileSync(path, join(to, file));
      }
    }
  }
  for (const [file, found] of feeds) writeFileSync(join(to, file), dump(mergeFeeds(file, found, stagedPercent)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new Error('Usage: node scripts/merge-feeds.mjs FROM TO');
  mergeRelease(from, to, readStagedPercent(process.env['STAGED_PERCENT']));
}
