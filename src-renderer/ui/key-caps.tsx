/** Keys as they are printed on a keyboard. Assistive technology reads them as one. */
export function KeyCaps({ caps }: { caps: readonly string[] }) {
  if (caps.length === 0) return null;
  return (
    <span className="inline-flex flex-none items-center gap-1">
      {caps.map((cap) => (
        <kbd
          key={cap}
          className="inline-grid h-4.5 min-w-4.5 place-items-center rounded-sm border border-line-2 bg-raised px-1 font-sans text-2xs leading-none font-medium text-ink-2"
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}
