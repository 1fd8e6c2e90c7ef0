import type { KeyboardEvent, ReactElement } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { cardAfter, walkOf } from './walk-cards.ts';

/** Divides by one, two and three, the numbers of cards that fit beside each other: a sheet always ends with a full row. */
const SHEET_CARDS = 6;

/**
 * Cards in rows, in sheets of a few rows. Sheets out of sight are neither laid out nor painted, though the browser's search
 * finds what is in them. Arrows lead from card to card, on what they began on: names or boxes to select.
 */
export function KeyGrid({ children }: { children: readonly ReactElement[] }) {
  const sheets = Array.from({ length: Math.ceil(children.length / SHEET_CARDS) }, (_, at) =>
    children.slice(at * SHEET_CARDS, (at + 1) * SHEET_CARDS),
  );
  return (
    <div onKeyDown={onKeyDown} className="@container grid gap-3">
      {sheets.map((cards, at) => (
        <div
          key={at}
          className={classNames(
            'grid grid-cols-1 gap-3 @min-[36.75rem]:grid-cols-2 @min-[55.5rem]:grid-cols-3',
            sheets.length > 1 &&
              '[contain-intrinsic-size:auto_66.5rem] [content-visibility:auto] @min-[36.75rem]:[contain-intrinsic-size:auto_33rem] @min-[55.5rem]:[contain-intrinsic-size:auto_21.75rem]',
          )}
        >
          {cards}
        </div>
      ))}
    </div>
  );
}

function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
  const walk = walkOf(event);
  if (walk === null || !(event.target instanceof HTMLElement)) return;
  const what = event.target.dataset['walk'];
  if (what === undefined) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(`[data-walk="${what}"]`)];
  const sheet = event.target.closest('article')?.parentElement;
  const columns = sheet == null ? 1 : getComputedStyle(sheet).gridTemplateColumns.split(' ').length;
  const next = stops[cardAfter(walk, stops.indexOf(event.target), stops.length, columns)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.closest('article')?.scrollIntoView({ block: 'nearest' });
}
