import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';

/** Most places that are drawn; more would be no picture. */
const MOST_PIPS = 5;

/** How many requests a key serves, of how many it may. */
export function InFlight({ inFlight, limit }: { inFlight: number; limit: number }) {
  const { t } = useTranslation();
  return (
    <span className="flex items-center gap-1.5">
      {limit > 0 && limit <= MOST_PIPS && (
        <span aria-hidden="true" className="flex gap-0.5">
          {Array.from({ length: limit }, (_, at) => (
            <i
              key={at}
              className={classNames(
                'h-2.5 w-1.5 rounded-[1px] border',
                at < inFlight ? 'border-accent bg-accent' : 'border-line-control',
              )}
            />
          ))}
        </span>
      )}
      <span className="num">{limit > 0 ? t('credentials.card.ofLimit', { inFlight, limit }) : inFlight}</span>
    </span>
  );
}
