import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeFeeds, mergeRelease, readStagedPercent } from './merge-feeds.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-feeds-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const feed = (arch: string, version = '1.2.0') => ({
  version,
  files: [{ url: `Sluice-${version}-mac-${arch}.zip`, sha512: arch, size: 1 }],
});
function machine(name: string, files: Record<string, string>) {
  mkdirSync(join(folder, 'from', name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, 'from', name, file), text);
}
const merge = (staged: number | null = null) => mergeRelease(join(folder, 'from'), join(folder, 'to'), staged);

describe('the feeds of a release', () => {
  it('[E12] of two machines become one that names the files of both', () => {
    machine('intel', { 'latest-mac.yml': JSON.stringify(feed('x64')), 'Sluice-1.2.0-mac-x64.zip': 'x' });
    machine('arm', { 'latest-mac.yml': JSON.stringify(feed('arm64')), 'Sluice-1.2.0-mac-arm64.zip': 'a' });
    merge();
    expect(readdirSync(join(folder, 'to')).sort()).toEqual([
      'Sluice-1.2.0-mac-arm64.zip',
      'Sluice-1.2.0-mac-x64.zip',
      'latest-mac.yml',
    ]);
    const merged = load(readFileSync(join(folder, 'to', 'latest-mac.yml'), 'utf8')) as ReturnType<typeof feed>;
    expect(merged.files.map(({ sha512 }) => sha512).sort()).toEqual(['arm64', 'x64']);
    expect(merged).not.toHaveProperty('stagingPercentage');
  });

  it('[E12] a part of all computers may get it first', () => {
    expect(mergeFeeds('latest.yml', [feed('x64')], 10)).toMatchObject({ version: '1.2.0', stagingPercentage: 10 });
    expect([undefined, '', '100', '5'].map(readStagedPercent)).toEqual([null, null, null, 5]);
    for (const wrong of ['0', '101', '1.5', 'half', '-1']) expect(() => readStagedPercent(wrong)).toThrow(/1 to 100/);
  });

  it('[E12] that would hide one another, or are of two versions, stop the release', () => {
    expect(() => mergeFeeds('latest.yml', [feed('x64'), feed('x64')], null)).toThrow(/would replace the other/);
    expect(() => mergeFeeds('latest.yml', [feed('x64'), feed('arm64', '1.2.1')], null)).toThrow(/another one 1.2.1/);
    machine('a', { 'Sluice.exe': 'a' });
    machine('b', { 'Sluice.exe': 'b' });
    expect(() => merge()).toThrow(/Sluice.exe/);
  });
});
