import { Check, OctagonX, Pause, Play } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiCallRecord, TurnedAway } from '#contract/programs';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { formatClockTime } from '../../ui/format.ts';
import { FlowIcon } from '../../ui/icons.tsx';
import { Tag } from '../../ui/tag.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { CallRow, COLUMNS, LAST, LATER } from './call-row.tsx';
import { clientText } from './call-words.ts';
import { type CallFilter, clientsOf, filterCalls, heldCalls } from './calls-list.ts';
import { LoadingRows } from './loading-rows.tsx';
import { useLocalApiStore } from './local-api-store.ts';

/** As many rows as anybody reads; the others come on request. */
const FIRST_ROWS = 50;
/** Where nothing is chosen, and for the owner's calls: no program's name begins so. */
const ALL = '/all';
const OWNER = '/owner';

/** The newest calls as they begin and end. Under a pointer or the focus the list stands still. */
export function CallsPanel({ isOn }: { isOn: boolean }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const calls = useLocalApiStore((store) => store.calls);
  const problem = useLocalApiStore((store) => store.callsProblem);
  const turnedAway = useLocalApiStore((store) => store.turnedAway);
  const [choice, setChoice] = useState({ client: ALL, failedOnly: false });
  const [openId, setOpenId] = useState<string | null>(null);
  const [showsAll, setShowsAll] = useState(false);
  const [isPaused, setPaused] = useState(false);
  const [isInside, setInside] = useState(false);
  const [held, setHeld] = useState<readonly ApiCallRecord[] | null>(null);

  useEffect(() => {
    const { forgetCalls, loadCalls, hear } = useLocalApiStore.getState();
    // Nobody listened while the page was away.
    forgetCalls();
    void loadCalls(api);
    let wasDown = false;
    const offConnection = api.onConnection((state) => {
      if (state !== 'up') forgetCalls();
      else if (wasDown) void loadCalls(api);
      wasDown = state !== 'up';
    });
    const offEvents = api.onEvent((event) => {
      if (event.event === 'localApi.called') hear(event);
    });
    return () => {
      offConnection();
      offEvents();
    };
  }, [api]);

  // What the reader saw when the list was stopped.
  const stops = isPaused || isInside || openId !== null;
  if (stops && held === null && calls !== null && calls.length > 0) setHeld(calls);
  if (!stops && held !== null) setHeld(null);
  const known = calls ?? [];
  const { calls: listed, waiting } = held === null ? { calls: known, waiting: 0 } : heldCalls(held, known);
  const { client, failedOnly } = choice;
  const matching = filterCalls(listed, toFilter(choice));
  const rows = showsAll ? matching : matching.slice(0, FIRST_ROWS);
  const toggle = useCallback((id: string) => setOpenId((open) => (open === id ? null : id)), []);
  const narrow = (next: typeof choice) => {
    setChoice(next);
    // A call that is out of sight stops no list.
    if (!filterCalls(listed, toFilter(next)).some((call) => call.id === openId)) setOpenId(null);
  };

  return (
    <section aria-labelledby="calls" className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center gap-x-2 gap-y-1.5">
        <h2 id="calls">{t('localApi.calls.title')}</h2>
        {held === null ? (
          isOn && (
            <Tag look="flow" icon={FlowIcon}>
              {t('localApi.calls.live')}
            </Tag>
          )
        ) : (
          <Tag look="quiet" icon={Pause}>
            {waiting === 0 ? t('localApi.calls.held') : t('localApi.calls.heldMore', { count: waiting })}
          </Tag>
        )}
        <div className="ml-auto flex items-center gap-2">
          <Button
            look="plain"
            shrinks
            icon={isPaused ? Play : Pause}
            data-testid="pause-calls"
            onClick={() => setPaused(!isPaused)}
          >
            {t(isPaused ? 'localApi.calls.resume' : 'localApi.calls.pause')}
          </Button>
          <Button
            look="plain"
            shrinks
            icon={failedOnly ? Check : OctagonX}
            aria-pressed={failedOnly}
            data-testid="failed-only"
            className={failedOnly ? 'bg-selected text-ink!' : undefined}
            onClick={() => narrow({ ...choice, failedOnly: !failedOnly })}
          >
            {t('localApi.calls.failedOnly')}
          </Button>
          <div className="w-40 min-w-0">
            <SelectField
              label={t('localApi.calls.client')}
              hideLabel
              data-testid="calls-client"
              value={client}
              onChange={(event) => narrow({ ...choice, client: event.target.value })}
              options={[
                { value: ALL, label: t('localApi.calls.allClients') },
                ...clientsOf(known).map((name) => ({ value: name ?? OWNER, label: clientText(name) })),
              ]}
            />
          </div>
        </div>
      </div>
      <div
        className="overflow-hidden rounded-lg border border-line bg-raised"
        aria-busy={calls === null && problem === null}
      >
        {problem !== null ? (
          <div role="alert" className="grid justify-items-start gap-2 px-4 py-3 text-stop-ink">
            <p>{problem.message}</p>
            <Button onClick={() => void useLocalApiStore.getState().loadCalls(api)}>{t('action.tryAgain')}</Button>
          </div>
        ) : calls === null ? (
          <LoadingRows />
        ) : known.length === 0 && held === null ? (
          <Empty title={t('localApi.calls.empty')} body={t('localApi.calls.emptyBody')} />
        ) : (
          <table
            className="w-full"
            data-testid="calls"
            onPointerEnter={(event) => {
              if (event.pointerType === 'mouse') setInside(true);
            }}
            onPointerLeave={() => setInside(false)}
            onFocus={() => setInside(true)}
            onBlur={(event) => {
              if (!event.currentTarget.contains(event.relatedTarget)) setInside(false);
            }}
          >
            <Head />
            <tbody className="[&>tr:last-child>*]:border-b-0">
              {rows.map((call) => (
                <CallRow key={call.id} call={call} open={call.id === openId} onToggle={toggle} />
              ))}
              {rows.length === 0 && (
                <tr>
                  <td colSpan={COLUMNS}>
                    <Empty title={t('localApi.calls.noMatch')} body={t('localApi.calls.noMatchBody')} />
                  </td>
                </tr>
              )}
            </tbody>
          </table>
        )}
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 text-xs text-ink-3">
          {t('localApi.calls.note')} {turnedAway !== null && <TurnedAwayNote turnedAway={turnedAway} />}
        </p>
        {matching.length > rows.length && (
          <Button look="plain" onClick={() => setShowsAll(true)}>
            {t('localApi.calls.showAll', { count: matching.length })}
          </Button>
        )}
      </div>
    </section>
  );
}

/** Who came without a key is counted and not listed: anybody could fill the list so. */
function TurnedAwayNote({ turnedAway: { count, lastAtMs } }: { turnedAway: TurnedAway }) {
  const { t } = useTranslation();
  if (count === 0 || lastAtMs === null) return null;
  return (
    <span data-testid="turned-away" className="text-ink-2">
      {t('localApi.calls.turnedAway', { count, time: formatClockTime(lastAtMs) })}
    </span>
  );
}

function toFilter({ client, failedOnly }: { client: string; failedOnly: boolean }): CallFilter {
  return { client: client === ALL ? null : { name: client === OWNER ? null : client }, failedOnly };
}

const HEAD = 'border-b border-line-2 px-2 py-1.5 text-xs font-medium whitespace-nowrap text-ink-3';

function Head() {
  const { t } = useTranslation();
  const heads: [string, string][] = [
    [t('localApi.calls.time'), 'text-left pl-3'],
    [t('localApi.calls.client'), 'text-left'],
    [t('localApi.calls.path'), classNames('text-left', LATER)],
    [t('localApi.calls.model'), 'text-left max-word:hidden'],
    [t('localApi.calls.credential'), classNames('text-left', LAST)],
    [t('localApi.calls.result'), 'text-left'],
    [t('localApi.calls.duration'), 'text-right max-word:hidden'],
    [t('localApi.calls.in'), classNames('text-right', LAST)],
    [t('localApi.calls.out'), classNames('text-right', LAST)],
    [t('localApi.calls.cost'), 'text-right pr-3'],
  ];
  return (
    <thead>
      <tr>
        {heads.map(([label, look]) => (
          <th key={label} scope="col" className={classNames(HEAD, look)}>
            {label}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Empty({ title, body }: { title: string; body: string }) {
  return (
    <div className="grid justify-items-center gap-1 px-4 py-8 text-center">
      <p className="font-medium">{title}</p>
      <p className="max-w-md text-ink-2">{body}</p>
    </div>
  );
}
