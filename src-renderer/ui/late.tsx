import { type ComponentType, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';
import { type HeldKeys, holdKeys } from './early-keys.ts';

/** A component whose code comes on its first use. `preload` has it come earlier; it never rejects. */
export type LateComponent<Props> = ComponentType<Props> & { preload: () => Promise<void> };

/**
 * Parts a component from the code that is there with the first drawing. Unlike `lazy` it needs no Suspense: React holds
 * back what was suspended for up to 300 ms after its fallback, in which keys for a palette go nowhere. Code that is there
 * is drawn at once; code that does not come says so and is asked for again.
 *
 * @param options.takesKeys what is typed while the code is on its way is typed into the part once it is there.
 */
export function late<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { takesKeys = false }: { takesKeys?: boolean } = {},
): LateComponent<Props> {
  let state: { Loaded: ComponentType<Props> | null; failed: boolean } = { Loaded: null, failed: false };
  let loading: Promise<void> | null = null;
  const listeners = new Set<() => void>();
  const become = (next: typeof state) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const preload = (): Promise<void> => {
    loading ??= load().then(
      (Loaded) => become({ Loaded, failed: false }),
      () => {
        loading = null;
        become({ Loaded: null, failed: true });
      },
    );
    return loading;
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  function Late(props: Props) {
    const { t } = useTranslation();
    const { Loaded, failed } = useSyncExternalStore(subscribe, () => state);
    useEffect(() => void preload(), []);
    const isWaiting = takesKeys && Loaded === null && !failed;
    const held = useRef<HeldKeys | null>(null);
    useLayoutEffect(() => {
      if (isWaiting) held.current ??= holdKeys();
    }, [isWaiting]);
    // After the effects of the part itself: its field has the focus by then. Where its code does not come, nobody wants them.
    useEffect(() => {
      if (Loaded !== null) void held.current?.release();
      else if (failed) held.current?.drop();
      if (Loaded !== null || failed) held.current = null;
    }, [Loaded, failed]);
    // Closed before it was there.
    useEffect(
      () => () => {
        held.current?.drop();
        held.current = null;
      },
      [],
    );
    if (Loaded !== null) return <Loaded {...props} />;
    if (!failed) return null;
    return (
      <div role="alert" className="m-auto grid justify-items-center gap-3 p-6">
        <p className="text-stop-ink">{t('app.partMissing')}</p>
        <Button onClick={() => void preload()}>{t('action.tryAgain')}</Button>
      </div>
    );
  }
  return Object.assign(Late, { preload });
}
