import { describe, expect, it } from 'vitest';
import { deferred } from './deferred.ts';
import { loadOnce } from './load-once.ts';

describe('loadOnce', () => {
  it('loads at the first wish, and only then', async () => {
    const part = deferred<string>();
    let loads = 0;
    const wanted = loadOnce(() => {
      loads += 1;
      return part.promise;
    });
    expect(loads).toBe(0);
    const both = [wanted(), wanted()];
    part.resolve('here');
    expect(await Promise.all(both)).toEqual(['here', 'here']);
    expect(await wanted()).toBe('here');
    expect(loads).toBe(1);
  });

  it('tells a failure to everybody who waits, and tries again for the next one', async () => {
    const parts = [deferred<string>(), deferred<string>()];
    let loads = 0;
    const wanted = loadOnce(() => (parts[loads++] as (typeof parts)[0]).promise);
    const both = [wanted(), wanted()];
    parts[0]?.reject(new Error('the file is gone'));
    for (const each of both) await expect(each).rejects.toThrow('the file is gone');
    parts[1]?.resolve('here');
    expect(await wanted()).toBe('here');
    expect(loads).toBe(2);
  });
});
