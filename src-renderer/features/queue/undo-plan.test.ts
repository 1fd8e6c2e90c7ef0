import { describe, expect, it } from 'vitest';
import { partsOf, removalPlan, returnPlan, sentAgain } from './undo-plan.ts';

describe('undo of a removal', () => {
  it.each(['restart', 'failure', 'user'] as const)(
    '[E3-06] in a queue that stands still (%s) the core is told when it is too late to undo',
    (paused) => {
      expect(removalPlan({ paused, running: false })).toBe('hold');
      expect(removalPlan({ paused, running: true })).toBe('hold');
    },
  );

  it('[E3-06] in a queue that moves a removed message is gone before it can be sent', () => {
    expect(removalPlan({ paused: null, running: true })).toBe('now');
  });

  it('[E3-06] bringing a message back never sends it against a pause', () => {
    expect(returnPlan({ paused: null, running: true })).toBe('queue');
    expect(returnPlan({ paused: 'user', running: true })).toBe('queue');
    expect(returnPlan({ paused: 'failure', running: false })).toBe('compose');
  });

  it('[E3-06] [E2-19] a message comes back as the run that it was to be', () => {
    expect(sentAgain({ content: 'hello', content_blocks: null, run_id: 'r1' })).toEqual({
      input: 'hello',
      like_run: 'r1',
    });
  });

  it('[E3-06] a message that comes back to the composer keeps its files, and its text does not name them', () => {
    const image = { type: 'image' as const, name: 'a.png', path: '/f/a.png', media_type: 'image/png' };
    const file = { type: 'file' as const, name: 'b.txt', path: '/f/b.txt' };
    const blocks = [{ type: 'text' as const, text: 'look' }, image, file];
    const item = { content: 'look\n[Image: a.png]\n[File: b.txt]', content_blocks: blocks };
    expect(partsOf(item)).toEqual({ text: 'look', files: [image, file] });
    expect(partsOf({ content: 'plain', content_blocks: null })).toEqual({ text: 'plain', files: [] });
    expect(sentAgain({ ...item, run_id: 'r1' }).input).toEqual(blocks);
  });
});
