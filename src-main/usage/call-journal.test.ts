import * as nodeFs from 'node:fs';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { type Logger, silentLogger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { CallJournal, type JournalDisk } from './call-journal.ts';
import { anyCall } from './testing/any-call.ts';

const SAMPLE = fc.sample(anyCall, { numRuns: 1, seed: 3 })[0] as UsageCall;
const call = (id: string): UsageCall => ({ ...SAMPLE, id });
const turn = () => new Promise((resolve) => setImmediate(resolve));
const pathsOf = (dir: string) => dataPaths(dir).callJournal;
const sizes = (dir: string) => pathsOf(dir).map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);

/** A log, and what stands in it as a warning. */
function listening(): { logger: Logger; warnings: string[] } {
  const warnings: string[] = [];
  return { logger: { ...silentLogger, warn: (_fields, message) => warnings.push(message) }, warnings };
}

/** What the next process finds. */
function left(dir: string): { ended: string[]; open: string[] } {
  const { ended, open } = new CallJournal(pathsOf(dir), { logger: silentLogger }).recover();
  return { ended: ended.map(({ id }) => id).toSorted(), open: open.map(({ id }) => id).toSorted() };
}

describe('the journal of calls', () => {
  it('[decision 31] holds a call before whoever opened it goes on, and its end from the end of its turn', async () => {
    const dir = tempDir();
    const journal = new CallJournal(pathsOf(dir), { logger: silentLogger });
    await journal.open(call('a'));
    expect(left(dir)).toEqual({ ended: [], open: ['a'] });
    await Promise.all([journal.open(call('b')), journal.open(call('c'))]);
    journal.end(call('a'));
    journal.drop('b');
    await turn();
    expect(left(dir)).toEqual({ ended: ['a'], open: ['c'] });
    expect(statSync(pathsOf(dir)[0]).mode & 0o777).toBe(0o600);
  });

  it('is empty once everything is settled, also what an earlier process left', async () => {
    const dir = tempDir();
    const first = new CallJournal(pathsOf(dir), { logger: silentLogger });
    await first.open(call('a'));
    const second = new CallJournal(pathsOf(dir), { logger: silentLogger });
    expect(second.recover().open).toEqual([call('a')]);
    await second.open(call('b'));
    second.end(call('b'));
    second.settled(['b']);
    expect(left(dir).open).toEqual(['a']);
    second.settled(['a']);
    second.tidy();
    expect(sizes(dir)).toEqual([0, 0]);
  });

  it('is emptied while calls go on only once that is worth it, and else when nothing ends', async () => {
    const dir = tempDir();
    const journal = new CallJournal(pathsOf(dir), { logger: silentLogger, partBytes: 400_000 });
    const round = async (id: string) => {
      await journal.open(call(id));
      journal.end(call(id));
      journal.settled([id]);
    };
    await round('a');
    expect(sizes(dir)[0]).toBeGreaterThan(0);
    expect(journal.isUntidy).toBe(true);
    for (const id of ['b', 'c', 'd', 'e']) await round(id);
    expect(sizes(dir)).toEqual([0, 0]);
    await round('f');
    await journal.open(call('g'));
    journal.tidy();
    expect(left(dir)).toEqual({ ended: ['f'], open: ['g'] });
    journal.drop('g');
    journal.tidy();
    expect(sizes(dir)).toEqual([0, 0]);
    expect(journal.isUntidy).toBe(false);
  });

  it('[decision 31] what was noted is written when it is said that it leaves, in the same turn', () => {
    const dir = tempDir();
    const journal = new CallJournal(pathsOf(dir), { logger: silentLogger });
    journal.note(call('a'));
    expect(left(dir).open).toEqual([]);
    journal.leaving();
    expect(left(dir).open).toEqual(['a']);
  });

  it('goes on in the other file when one is full, and takes along what is owed', async () => {
    const dir = tempDir();
    const journal = new CallJournal(pathsOf(dir), { logger: silentLogger, partBytes: 3000 });
    await journal.open(call('long'));
    let largest = 0;
    for (let number = 0; number < 60; number++) {
      await journal.open(call(`s${number}`));
      journal.end(call(`s${number}`));
      await turn();
      journal.settled([`s${number}`]);
      largest = Math.max(largest, ...sizes(dir));
      // What is in the store already may be found once more: it is known there by its id.
      expect(left(dir).open).toEqual(['long']);
    }
    expect(largest).toBeLessThan(6000);
    expect(sizes(dir).filter((size) => size > 0)).toHaveLength(1);
  });

  it('[BUG-A31] a disk that is full is told once, harms no call, and is written again when it has room', async () => {
    const dir = tempDir();
    let room = 250;
    let nowMs = 0;
    const { logger, warnings } = listening();
    const disk: JournalDisk = {
      ...nodeFs,
      writeSync: ((file: number, text: string) => {
        const bytes = Buffer.from(text).subarray(0, room);
        room -= bytes.length;
        if (bytes.length === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return nodeFs.writeSync(file, bytes);
      }) as typeof nodeFs.writeSync,
    };
    const journal = new CallJournal(pathsOf(dir), { logger, disk, nowMs: () => nowMs });
    await journal.open(call('a'));
    await journal.open(call('b'));
    expect(warnings).toHaveLength(1);
    room = 1_000_000;
    await journal.open(call('c'));
    expect(left(dir)).toEqual({ ended: [], open: [] });
    nowMs += 5000;
    await journal.open(call('d'));
    journal.end(call('a'));
    await turn();
    expect(left(dir)).toEqual({ ended: ['a'], open: ['d'] });
    expect(warnings).toHaveLength(1);
  });

  it('[BUG-A31] what stays wrong is told once, not with every call: a full disk, a folder in a journal’s place', async () => {
    const dir = tempDir();
    let isFull = true;
    let nowMs = 0;
    const { logger, warnings } = listening();
    const disk: JournalDisk = {
      ...nodeFs,
      writeSync: ((file: number, text: string) => {
        if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return nodeFs.writeSync(file, text);
      }) as typeof nodeFs.writeSync,
    };
    const journal = new CallJournal(pathsOf(dir), { logger, disk, nowMs: () => nowMs });
    const round = async (number: number) => {
      await journal.open(call(`c${number}`));
      journal.end(call(`c${number}`));
      journal.settled([`c${number}`]);
      journal.tidy();
      nowMs += 5000;
    };
    for (let number = 0; number < 20; number++) await round(number);
    expect(warnings).toHaveLength(1);
    isFull = false;
    nodeFs.mkdirSync(pathsOf(dir)[1]);
    for (let number = 20; number < 40; number++) await round(number);
    expect(warnings).toHaveLength(2);
    // What was mended and breaks again is told again.
    isFull = true;
    await round(40);
    expect(warnings).toHaveLength(3);
  });

  it('[decision 31] the first call after a process that died in mid-line is found by the one after that', async () => {
    const dir = tempDir();
    const first = new CallJournal(pathsOf(dir), { logger: silentLogger });
    await first.open(call('a'));
    await first.open(call('b'));
    const text = readFileSync(pathsOf(dir)[0], 'utf8');
    writeFileSync(pathsOf(dir)[0], text.slice(0, -40));
    const second = new CallJournal(pathsOf(dir), { logger: silentLogger });
    expect(second.recover().open.map(({ id }) => id)).toEqual(['a']);
    await second.open(call('c'));
    expect(left(dir).open).toEqual(['a', 'c']);
  });

  it('files that hold something else are told of, and written on', async () => {
    const dir = tempDir();
    writeFileSync(pathsOf(dir)[0], 'neither\nthis\nnor that');
    const warnings: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields) };
    const journal = new CallJournal(pathsOf(dir), { logger });
    expect(journal.recover()).toEqual({ ended: [], open: [] });
    expect(warnings).toEqual([{ lines: 3 }]);
    await journal.open(call('a'));
    expect(left(dir).open).toEqual(['a']);
    expect(readFileSync(pathsOf(dir)[0], 'utf8')).not.toContain('neither');
  });

  it('[decision 31] whatever happens in whatever order, and whenever the process dies, what is owed is found', async () => {
    type Step = { do: 'open' | 'leave' | 'end' | 'drop' | 'settle' | 'tidy' | 'turn' | 'die'; at: number };
    const step: fc.Arbitrary<Step> = fc.record({
      do: fc.constantFrom('open', 'open', 'leave', 'end', 'end', 'drop', 'settle', 'tidy', 'turn', 'die'),
      at: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const dir = join(tempDir(), 'x');
        nodeFs.mkdirSync(dir);
        let journal = new CallJournal(pathsOf(dir), { logger: silentLogger, partBytes: 700 });
        const state = new Map<string, 'open' | 'ended'>();
        const stored = new Set<string>();
        const check = (found: { open: string[]; ended: string[] }) => {
          const of = (is: string) => [...state].filter(([, now]) => now === is).map(([id]) => id);
          expect(found.open.toSorted()).toEqual(of('open').toSorted());
          // What is in the store already may be found once more: it is known there by its id.
          expect(found.ended.filter((id) => !stored.has(id)).toSorted()).toEqual(of('ended').toSorted());
        };
        let next = 0;
        for (const { do: what, at } of steps) {
          const open = [...state].filter(([, is]) => is === 'open').map(([id]) => id);
          const ended = [...state].filter(([, is]) => is === 'ended').map(([id]) => id);
          const one = open[at % Math.max(1, open.length)];
          if (what === 'open') {
            const id = `c${next++}`;
            if (at % 2 === 0) journal.note(call(id));
            else void journal.open(call(id));
            state.set(id, 'open');
          } else if (what === 'end' && one !== undefined) {
            journal.end(call(one));
            state.set(one, 'ended');
          } else if (what === 'drop' && one !== undefined) {
            journal.drop(one);
            state.delete(one);
          } else if (what === 'settle') {
            const some = ended.slice(0, 1 + (at % 3));
            journal.settled(some);
            for (const id of some) {
              state.delete(id);
              stored.add(id);
            }
          } else if (what === 'leave') {
            journal.leaving();
            check(left(dir));
          } else if (what === 'tidy') journal.tidy();
          else if (what === 'turn') await turn();
          else if (what === 'die') {
            await turn();
            journal = new CallJournal(pathsOf(dir), { logger: silentLogger, partBytes: 700 });
            const { open: opened, ended: over } = journal.recover();
            check({ open: opened.map(({ id }) => id), ended: over.map(({ id }) => id) });
            journal.settled(over.map(({ id }) => id).filter((id) => stored.has(id)));
          }
        }
        await turn();
        check(left(dir));
      }),
      { numRuns: 60 },
    );
  });
});
