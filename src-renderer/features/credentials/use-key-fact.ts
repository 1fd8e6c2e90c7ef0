import { useTranslation } from 'react-i18next';
import { useLastPast } from '../../ui/use-now.ts';
import { useCredentialsStore } from './credentials-store.ts';
import { canAnswer, describeKey, needsPerson, restEnds } from './describe-key.ts';
import { originOf } from './origin-of.ts';

/** How all keys stand, in the few words of the sidebar: "2 ready, 1 cooling". Undefined until it is known. */
export function useKeyFact(): string | undefined {
  const { t } = useTranslation();
  const keys = useCredentialsStore((state) => state.credentials);
  const profiles = useCredentialsStore((state) => state.profiles);
  const pastMs = useLastPast(keys?.flatMap(restEnds) ?? []);
  if (keys === null) return undefined;
  if (keys.length === 0) return t('credentials.none');
  const looks = keys.map((key) => {
    const profile = profiles?.find(({ id }) => id === key.profileId);
    return describeKey(key, profile === undefined ? null : originOf(profile.baseUrl), pastMs).look;
  });
  const ready = looks.filter((look) => canAnswer(look) || look === 'full').length;
  const waiting = looks.filter(needsPerson).length;
  const cooling = looks.filter((look) => look === 'cooling').length;
  // There is room for two: what needs somebody goes before what ends by itself.
  const other =
    waiting > 0
      ? t('credentials.fact.needs', { count: waiting })
      : cooling > 0
        ? t('credentials.fact.cooling', { count: cooling })
        : null;
  const first = t('credentials.fact.ready', { count: ready });
  return other === null ? first : t('credentials.fact.both', { first, other });
}
