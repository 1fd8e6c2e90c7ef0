import { Ban, Check, CircleX, Hand, Hourglass, Lock, ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { FlowIcon, type IconType } from '../../ui/icons.tsx';
import { Tag } from '../../ui/tag.tsx';
import type { KeyLook } from './describe-key.ts';

const LOOKS: Record<KeyLook, { look: Parameters<typeof Tag>[0]['look']; icon: IconType }> = {
  ready: { look: 'ready', icon: Check },
  inUse: { look: 'flow', icon: FlowIcon },
  full: { look: 'flow', icon: FlowIcon },
  cooling: { look: 'wait', icon: Hourglass },
  exhausted: { look: 'stop', icon: CircleX },
  refused: { look: 'stop', icon: CircleX },
  signIn: { look: 'needs', icon: Hand },
  locked: { look: 'needs', icon: Lock },
  elsewhere: { look: 'needs', icon: ShieldAlert },
  disabled: { look: 'off', icon: Ban },
};

/** How a key stands: an icon and a word. */
export function KeyTag({ look }: { look: KeyLook }) {
  const { t } = useTranslation();
  return (
    <span data-testid="key-state" data-state={look} className="flex-none">
      <Tag {...LOOKS[look]}>{t(`credentials.tag.${look}`)}</Tag>
    </span>
  );
}
