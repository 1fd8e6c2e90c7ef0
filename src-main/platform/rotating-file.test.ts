import * as nodeFs from 'node:fs';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { createFileLogger } from './logger.ts';
import { type LogDisk, olderFile, RotatingFile } from './rotating-file.ts';
import { SecretScrubber } from './scrub.ts';

const tellGap = (lines: number) => `(${lines} missing)\n`;
const readAll = (path: string, files: number) =>
  Array.from({ length: files }, (_, at) => (at === 0 ? path : olderFile(path, at)))
    .reverse()
    .map((each) => (existsSync(each) ? readFileSync(each, 'utf8') : ''))
    .join('');

describe('a log file', () => {
  it('[E12] is parted by size, keeps the newest files and no line is torn, whatever is written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 60 }), (lengths) => {
        const dir = tempDir();
        const path = join(dir, 'sluice.log');
        const file = new RotatingFile(path, { maxBytes: 100, maxFiles: 3, tellGap });
        const lines = lengths.map((length, at) => `${at}:${'x'.repeat(length)}\n`);
        for (const line of lines) file.write(line);
        const kept = readAll(path, 3);
        expect(lines.join('').endsWith(kept)).toBe(true);
        expect(kept.endsWith(lines.at(-1) ?? '')).toBe(true);
        expect(readdirSync(dir).length).toBeLessThanOrEqual(3);
        for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(100);
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });

  it('[E12] can be read by its owner only, also one that was open before', () => {
    const path = join(tempDir(), 'sluice.log');
    writeFileSync(path, 'old\n');
    chmodSync(path, 0o644);
    const file = new RotatingFile(path, { maxBytes: 8, maxFiles: 2, tellGap });
    file.write('a line\n');
    file.write('another\n');
    for (const each of [path, olderFile(path, 1)]) expect(statSync(each).mode & 0o777).toBe(0o600);
  });

  it('[E12] on a full disk loses lines and nothing else, says how many, and mends a torn line', () => {
    const path = join(tempDir(), 'sluice.log');
    let nowMs = 0;
    let isFull = false;
    const disk: LogDisk = {
      ...nodeFs,
      writeSync: ((fd: number, bytes: Buffer, at: number) => {
        if (!isFull) return nodeFs.writeSync(fd, bytes, at);
        // As a disk does: what still fits is written.
        if (at > 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return nodeFs.writeSync(fd, bytes, at, 3);
      }) as typeof nodeFs.writeSync,
    };
    const file = new RotatingFile(path, { maxBytes: 1000, maxFiles: 2, tellGap, disk, nowMs: () => nowMs });
    file.write('first\n');
    isFull = true;
    file.write('second\n');
    file.write('third\nfourth\n');
    isFull = false;
    file.write('too early\n');
    nowMs = 2000;
    file.write('fifth\n');
    expect(readFileSync(path, 'utf8')).toBe('first\nsec\n(4 missing)\nfifth\n');
  });

  it('[E12] begins a line of its own after the half line of a process that ended on a full disk', () => {
    const path = join(tempDir(), 'sluice.log');
    writeFileSync(path, '{"msg":"whole"}\n{"msg":"ha');
    const file = new RotatingFile(path, { maxBytes: 1000, maxFiles: 2, tellGap });
    file.write('{"msg":"started"}\n');
    file.write('{"msg":"next"}\n');
    const lines = ['{"msg":"whole"}', '{"msg":"ha', '{"msg":"started"}', '{"msg":"next"}', ''];
    expect(readFileSync(path, 'utf8')).toBe(lines.join('\n'));
  });

  it('[E12] in a folder that cannot be written harms nobody, and comes back with its folder', () => {
    const dir = tempDir();
    const folder = join(dir, 'data');
    // A file where the folder should be: nobody can write into that, not even root.
    writeFileSync(folder, '');
    let nowMs = 0;
    const file = new RotatingFile(join(folder, 'sluice.log'), {
      maxBytes: 100,
      maxFiles: 2,
      tellGap,
      nowMs: () => nowMs,
    });
    file.write('lost\n');
    rmSync(folder);
    mkdirSync(folder);
    nowMs = 5000;
    file.write('kept\n');
    expect(readFileSync(join(folder, 'sluice.log'), 'utf8')).toBe('(1 missing)\nkept\n');
  });

  it('[E12] that a program holds grows for a while and not for ever', () => {
    const path = join(tempDir(), 'sluice.log');
    const disk: LogDisk = {
      ...nodeFs,
      renameSync: () => {
        throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      },
    };
    const file = new RotatingFile(path, { maxBytes: 100, maxFiles: 2, tellGap, disk, nowMs: () => 0 });
    for (let at = 0; at < 100; at++) file.write(`${'x'.repeat(19)}\n`);
    expect(statSync(path).size).toBeGreaterThan(100);
    expect(statSync(path).size).toBeLessThanOrEqual(300);
  });
});

describe('the logger', () => {
  it('[E12] [E10-02] takes secrets out by value over every rotation, and says as much as it is told to', () => {
    const path = join(tempDir(), 'sluice.log');
    const scrubber = new SecretScrubber();
    const secret = 'sk-planted-0123456789abcdef';
    scrubber.add(secret);
    const logger = createFileLogger(path, scrubber, { maxBytes: 400, maxFiles: 3 });
    for (let at = 0; at < 20; at++) {
      logger.info({ at, said: `Bearer ${secret}` }, `with ${encodeURIComponent(secret)}`);
      logger.flush();
    }
    logger.debug({}, 'unasked detail');
    logger.setDetail('problems');
    logger.info({}, 'unasked news');
    logger.setDetail('detailed');
    logger.debug({}, 'wanted detail');
    logger.flush();
    const all = readAll(path, 3);
    expect(all).toContain('[secret]');
    expect(all).not.toContain('planted');
    expect(all).toContain('wanted detail');
    expect(all).not.toContain('unasked');
    expect(readdirSync(join(path, '..')).sort()).toEqual(['sluice.1.log', 'sluice.2.log', 'sluice.log']);
  });
});
