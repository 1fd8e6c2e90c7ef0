/**
 * Gives every chunk of a long table the columns that its first one takes by itself, so that no column moves when rows come into
 * sight. They are measured again when the place is another width or the text another size.
 *
 * @param place holds the chunks, each a `table`; the first has the head. @returns what ends it.
 */
export function fixColumns(place: HTMLElement): () => void {
  let known = '';
  const measure = () => {
    const now = `${place.parentElement?.clientWidth} ${getComputedStyle(place).fontSize}`;
    if (now === known) return;
    known = now;
    place.removeAttribute('data-fixed');
    // What was fixed before would be measured again, and a column would never get back what another width took from it.
    for (const name of [...place.style]) if (name.startsWith('--column')) place.style.removeProperty(name);
    const widths = [...place.querySelectorAll('th')].map((cell) => cell.getBoundingClientRect().width);
    for (const [index, width] of widths.entries()) place.style.setProperty(`--column-${index}`, `${width}px`);
    place.style.setProperty('--columns', `${widths.reduce((sum, width) => sum + width, 0)}px`);
    place.setAttribute('data-fixed', '');
  };
  measure();
  const watched = new ResizeObserver(measure);
  watched.observe(place.parentElement ?? place);
  return () => {
    watched.disconnect();
    place.removeAttribute('data-fixed');
  };
}
