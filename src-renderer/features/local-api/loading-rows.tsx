import { useEffect, useState } from 'react';

/** What comes at once needs no sign of it. */
const QUIET_MS = 200;

/** The shape of what comes. */
export function LoadingRows() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-hidden="true" data-testid="loading-rows" className="grid min-h-24 content-start gap-1 px-4 py-3">
      {shown &&
        ['w-5/6', 'w-3/4', 'w-4/5'].map((width) => (
          <div key={width} className="flex h-6 items-center">
            <span className={`h-3 rounded-sm bg-hover ${width}`} />
          </div>
        ))}
    </div>
  );
}
