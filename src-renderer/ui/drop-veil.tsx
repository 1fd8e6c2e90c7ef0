import { Icon, type IconType } from './icons.tsx';

/** Says what letting go would do. It takes no pointer, so the drop still reaches the window. */
export function DropVeil({ icon, text }: { icon: IconType; text: string }) {
  return (
    <div
      data-testid="drop-veil"
      className="pointer-events-none absolute inset-2 z-30 grid place-items-center rounded-xl border-2 border-dashed border-line-control bg-canvas/95"
    >
      <p className="flex items-center gap-2 text-lg">
        <Icon of={icon} size={20} />
        {text}
      </p>
    </div>
  );
}
