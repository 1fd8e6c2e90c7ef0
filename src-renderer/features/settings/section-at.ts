/** A section of a page, and how far its top is below the top of what is seen, in px. */
export interface SectionPlace {
  name: string;
  topPx: number;
}

/** How far below the top of what is seen a section may begin and be the one that is read. */
const READ_WITHIN_PX = 120;

/** The section that is read: the last one that has begun, or the last of all where the page can go no further. */
export function sectionAt(places: readonly SectionPlace[], atEnd: boolean): string | null {
  const begun = atEnd ? places.at(-1) : places.findLast((place) => place.topPx <= READ_WITHIN_PX);
  return (begun ?? places[0])?.name ?? null;
}
