// node scripts/merge-feeds.ts FROM TO: puts together what the machines of a release packed. FROM holds a folder for each
// machine. Packages go to TO as they are; feeds, which say what the newest version is, are written by several machines for
// the same system and become one. STAGED_PERCENT (1 to 100) lets a version go to a part of all computers first.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dump, load } from 'js-yaml';

interface Feed {
  version: string;
  files: { url: string; sha512: string; size: number }[];
}

/**
 * One feed of the feeds that several machines wrote for the same system and channel.
 *
 * @param name for the sentence of a refusal.
 * @param stagedPercent null for everybody at once.
 */
export function mergeFeeds(
  name: string,
  feeds: readonly Feed[],
  stagedPercent: number | null,
): Feed & { stagingPercentage?: number } {
  const [first] = feeds;
  if (first === undefined) throw new Error(`${name}: there is nothing to put together.`);
  const files = new Map<string, Feed['files'][number]>();
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

export function readStagedPercent(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const percent = Number(text);
  if (!Number.isInteger(percent) || percent < 1 || percent > 100)
    throw new Error(`STAGED_PERCENT is a whole number from 1 to 100, not “${text}”.`);
  return percent === 100 ? null : percent;
}

export function mergeRelease(from: string, to: string, stagedPercent: number | null): void {
  mkdirSync(to, { recursive: true });
  const feeds = new Map<string, Feed[]>();
  const taken = new Set<string>();
  for (const machine of readdirSync(from)) {
    for (const file of readdirSync(join(from, machine))) {
      const path = join(from, machine, file);
      if (file.endsWith('.yml')) {
        const feed = load(readFileSync(path, 'utf8')) as Feed;
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
  if (from === undefined || to === undefined) throw new Error('Usage: node scripts/merge-feeds.ts FROM TO');
  mergeRelease(from, to, readStagedPercent(process.env['STAGED_PERCENT']));
}
