import { describe, expect, it } from 'vitest';
import { headingShiftOf } from './heading-shift.ts';

describe('[E7-12] headings of a text that stands within another', () => {
  it.each([
    ['no heading', 0],
    ['# One\n### Three', 0],
    ['## Goal\ntext\n### Part', 1],
    ['### Part\n## Goal', 1],
    ['```sh\n# a comment\n```\n#### Deep', 3],
    ['~~~\n# in a fence\n```\n# still\n~~~\n## Out', 1],
    ['#hashtag\n## Goal', 1],
    ['##', 1],
  ])('%j is raised by %i', (text, shift) => {
    expect(headingShiftOf(text)).toBe(shift);
  });
});
