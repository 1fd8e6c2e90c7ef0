import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driveKill } from './testing/kill-drive.ts';
import { KILL_PHASES } from './testing/kill-plan.ts';

/** Every kill leaves its line here: process, seed, phase and what had happened last. */
const REPORTS = join(import.meta.dirname, '..', 'test-results', 'reports');
const KILLS_PER_PHASE = 4;
/** Drives wait for events and processes more than they compute; three keep two cores busy. */
const AT_ONCE = 3;

/** Lets so many drives go at once; vitest's own limit holds for whole runs only. */
class Lanes {
  #free = AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

const lanes = new Lanes();

describe.concurrent('a host that is killed at a seeded point', () => {
  for (const [index, phase] of KILL_PHASES.entries()) {
    for (let round = 0; round < KILLS_PER_PHASE; round++) {
      const seed = 1000 * (index + 1) + round;
      it(`[E3-05] [E5-07] [decision 37] ${phase}, seed ${seed}: nothing acknowledged is missing, nothing seen is lost, nothing is sent twice`, async () => {
        await lanes.run(async () => {
          const dir = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
          try {
            const report = await driveKill({ seed, phase, dir });
            mkdirSync(REPORTS, { recursive: true });
            appendFileSync(join(REPORTS, 'kills.jsonl'), `${JSON.stringify(report)}\n`);
            expect(report.violations, `seed ${seed}, ${report.moment ?? 'no moment'}`).toEqual([]);
            expect(report.acknowledged).toBeGreaterThan(0);
          } finally {
            rmSync(dir, { recursive: true, force: true });
          }
        });
      }, 240_000);
    }
  }
});
