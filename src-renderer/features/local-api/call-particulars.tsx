import { useTranslation } from 'react-i18next';
import type { ApiCallRecord } from '#contract/programs';
import { failureSentence } from '../../locales/failure-language.ts';
import { pairText } from '../../ui/join-text.ts';
import { callCostText, spanText, tokensText } from './call-words.ts';

/** What there is to know of a call, where somebody opened it. */
export function CallParticulars({ call }: { call: ApiCallRecord }) {
  const { t } = useTranslation();
  const isOver = call.outcome !== 'running';
  const facts: [string, string, boolean?][] = [
    [t('localApi.calls.request'), call.id, true],
    [t('localApi.calls.path'), call.path, true],
    [t('localApi.calls.profile'), call.profile ?? '–'],
    [t('localApi.calls.model'), call.model ?? '–', true],
    [t('localApi.calls.credential'), call.credential ?? '–'],
    [t('localApi.calls.way'), t(call.stream ? 'localApi.calls.streamed' : 'localApi.calls.whole')],
    [t('localApi.calls.firstByte'), spanText(call.firstByteMs, isOver)],
    [t('localApi.calls.duration'), spanText(call.durationMs, isOver)],
    [t('localApi.calls.in'), tokensText(call.inputTokens, call)],
    [t('localApi.calls.out'), tokensText(call.outputTokens, call)],
    [t('localApi.calls.cost'), callCostText(call)],
  ];
  return (
    <div className="grid gap-3">
      {call.failure !== null && (
        <p className="wrap-anywhere text-stop-ink">{failureSentence(call.failure, call.failureSaid)}</p>
      )}
      {call.outcome === 'stopped' && <p>{t('localApi.calls.stoppedBody')}</p>}
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] gap-x-4 gap-y-1.5">
        {facts.map(([label, value, isCode = false]) => (
          <div key={label} className="min-w-0">
            <dt className="text-xs text-ink-3">{label}</dt>
            <dd className="num wrap-anywhere">{isCode ? <code className="text-xs">{value}</code> : value}</dd>
          </div>
        ))}
      </dl>
      {call.isEstimate && <p className="text-xs text-ink-3">{t('localApi.calls.estimated')}</p>}
      {call.attempts.length > 0 && (
        <div>
          <h3 className="text-xs font-normal text-ink-3">{t('localApi.calls.attempts')}</h3>
          <ol className="ml-5 list-decimal">
            {call.attempts.map((attempt, index) => (
              // Attempts are only ever added at the end.
              <li key={index} className="wrap-anywhere">
                {pairText(
                  attempt.credential ?? t('localApi.calls.noCredential'),
                  attempt.failure === null
                    ? t(isOver ? 'localApi.calls.taken' : 'localApi.calls.underWay')
                    : failureSentence(attempt.failure, attempt.failureSaid),
                )}
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  );
}
