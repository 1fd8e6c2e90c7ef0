/** The ports that the contract's schema allows. */
export const PORT_RANGE = { min: 1024, max: 65_535 };

/** A port as a person writes it; null where it is none that a program without rights may listen at. */
export function readPort(text: string): number | null {
  if (!/^\d{1,5}$/.test(text.trim())) return null;
  const port = Number(text);
  return port >= PORT_RANGE.min && port <= PORT_RANGE.max ? port : null;
}
