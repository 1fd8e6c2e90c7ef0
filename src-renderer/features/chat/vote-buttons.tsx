import { ThumbsDown, ThumbsUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { classNames } from '../../ui/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useTurnPlace } from './turn-actions.ts';
import { useVoteStore } from './vote-store.ts';

const THUMBS = [
  { rating: 1, icon: ThumbsUp, label: 'vote.good' },
  { rating: -1, icon: ThumbsDown, label: 'vote.bad' },
] as const;

/** What the person thinks of an answer. The same vote is the runs API's feedback, so it changes here when it does there. */
export function VoteButtons({ runId }: { runId: string }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { sessionId } = useTurnPlace();
  const { ensure, cast } = useVoteStore.getState();
  const held = useVoteStore((state) => state.bySession[sessionId]?.[runId]?.rating ?? null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => void ensure(api, sessionId), [api, ensure, sessionId]);

  return (
    <>
      {problem !== null && (
        <span role="alert" className="truncate text-stop-ink">
          {problem}
        </span>
      )}
      {THUMBS.map(({ rating, icon, label }) => (
        <IconButton
          key={rating}
          small
          icon={icon}
          label={t(label)}
          aria-pressed={held === rating}
          className={classNames(held === rating && 'text-ink [&_svg]:fill-current')}
          onClick={() =>
            void cast(api, sessionId, runId, held === rating ? null : rating).then((error) =>
              setProblem(error?.message ?? null),
            )
          }
        />
      ))}
    </>
  );
}
