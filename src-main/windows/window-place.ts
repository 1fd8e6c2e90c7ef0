/** In the system's own units, as Electron says them. */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A display as far as it matters here: its place among the others, and the part that no bar of the system covers. */
export interface DisplayPlace {
  bounds: Rectangle;
  workArea: Rectangle;
}

/** Where the window stood: its bounds when neither maximised nor full-screen, and which of the two it was. */
export interface WindowPlace {
  bounds: Rectangle;
  isMaximized: boolean;
  isFullScreen: boolean;
}

/** Places by the set of displays that was connected; the one used last stands last. */
export type WindowPlaces = readonly (WindowPlace & { displays: string })[];

/** Desk, meeting room, train: more sets than anybody has, and few enough to keep the file small. */
const MAX_SETS = 12;
/** So much of the title bar must be within reach that the window can be taken and moved. */
const REACHABLE_PX = 120;
const TITLE_BAR_PX = 40;

const SMALLEST = { width: 480, height: 400 };
const USUAL = { width: 1240, height: 820 };

/** Names a set of displays by where each stands and how large it is; the order in which the system lists them is none. */
function displaySet(displays: readonly DisplayPlace[]): string {
  return displays
    .map(({ bounds: { x, y, width, height } }) => `${x},${y},${width},${height}`)
    .toSorted()
    .join(';');
}

function overlap(from: number, length: number, otherFrom: number, otherLength: number): number {
  return Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom);
}

/** True where enough of the window's upper edge is on a display to take hold of it. */
export function isReachable(bounds: Rectangle, displays: readonly DisplayPlace[]): boolean {
  return displays.some(({ workArea }) => {
    const isTitleInside = bounds.y >= workArea.y - 1 && bounds.y + TITLE_BAR_PX <= workArea.y + workArea.height;
    return isTitleInside && overlap(bounds.x, bounds.width, workArea.x, workArea.width) >= REACHABLE_PX;
  });
}

/** The usual size in the middle of a display, or as much of it as fits. */
function usualPlace({ workArea }: DisplayPlace): WindowPlace {
  const width = Math.min(USUAL.width, workArea.width);
  const height = Math.min(USUAL.height, workArea.height);
  const x = workArea.x + Math.round((workArea.width - width) / 2);
  const y = workArea.y + Math.round((workArea.height - height) / 2);
  return { bounds: { x, y, width, height }, isMaximized: false, isFullScreen: false };
}

/**
 * Where the window is to open: as it stood with these very displays, else as it stood last where that can be reached,
 * else in the middle of the first display. A place that nobody could reach is never used.
 *
 * @param displays connected now, the primary one first; null is returned where there is none.
 */
export function choosePlace(places: WindowPlaces, displays: readonly DisplayPlace[]): WindowPlace | null {
  const [primary] = displays;
  if (primary === undefined) return null;
  const set = displaySet(displays);
  const kept = places.findLast((each) => each.displays === set) ?? places.at(-1);
  if (kept === undefined || !isReachable(kept.bounds, displays)) return usualPlace(primary);
  const { bounds, isMaximized, isFullScreen } = kept;
  return { bounds, isMaximized, isFullScreen };
}

/** The places with this one as the newest. */
export function rememberPlace(
  places: WindowPlaces,
  displays: readonly DisplayPlace[],
  place: WindowPlace,
): WindowPlaces {
  const set = displaySet(displays);
  return [...places.filter((each) => each.displays !== set), { displays: set, ...place }].slice(-MAX_SETS);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) < 1_000_000;
}

/** What a file holds. Anything that is not exactly a place is left out: a damaged file costs a place and nothing else. */
export function readPlaces(text: string): WindowPlaces {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Half a file, or another program's: the window opens in its usual place.
    return [];
  }
  if (!Array.isArray(value)) return [];
  return value.slice(-MAX_SETS).flatMap((each: unknown) => {
    const { displays, bounds, isMaximized, isFullScreen } = Object(each) as Partial<WindowPlace & { displays: string }>;
    const { x, y, width, height } = Object(bounds) as Partial<Rectangle>;
    if (typeof displays !== 'string' || displays.length > 2000) return [];
    if (!isWhole(x) || !isWhole(y) || !isWhole(width) || !isWhole(height)) return [];
    if (width < SMALLEST.width || height < SMALLEST.height) return [];
    const place = { displays, bounds: { x, y, width, height } };
    return [{ ...place, isMaximized: isMaximized === true, isFullScreen: isFullScreen === true }];
  });
}
