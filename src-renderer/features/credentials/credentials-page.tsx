import { Download, Ellipsis, KeyRound, Plus, Upload } from 'lucide-react';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { AppInfo, CredentialRecord, ProfileRecord } from '#contract/records';
import { ErrorNote } from '../../errors/error-note.tsx';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { pairText } from '../../ui/join-text.ts';
import { MenuItem } from '../../ui/menu-item.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useLastPast } from '../../ui/use-now.ts';
import { BatchBar, type BatchOutcome } from './batch-bar.tsx';
import { ConnectForm } from './connect-form.tsx';
import { useCredentialsStore } from './credentials-store.ts';
import { canAnswer, describeKey, type KeyAction, needsPerson, restEnds } from './describe-key.ts';
import { ExportDialog } from './export-dialog.tsx';
import { filterKeys, type KeyFilter } from './filter-keys.ts';
import { ImportDialog } from './import-dialog.tsx';
import { KeyCard } from './key-card.tsx';
import type { KeyCardEvents } from './key-card-parts.tsx';
import { KeyDrawer } from './key-drawer.tsx';
import { KeyGrid } from './key-grid.tsx';
import { KeyMenu } from './key-menu.tsx';
import { originOf } from './origin-of.ts';
import { PassphraseDialog } from './passphrase-dialog.tsx';
import { PoolHealth } from './pool-health.tsx';
import { type PoolMode, PoolToolbar } from './pool-toolbar.tsx';
import { ProfileSection } from './profile-section.tsx';
import { ProxiesDrawer } from './proxies-drawer.tsx';
import { SecretsNote } from './secrets-note.tsx';
import { type BatchTask, useKeyActions } from './use-key-actions.ts';
import { useSaid } from './use-said.ts';

interface CredentialsPageProps {
  info: AppInfo | null;
  defaultProfile: string;
  onMakeDefault: (profileName: string) => void;
  /** How a key is chosen where there are several. */
  mode: PoolMode;
  onMode: (mode: PoolMode) => void;
  /** What keys are kept with has changed. */
  onSecretsChanged: () => void;
}

type Doomed =
  | { kind: 'keys'; keys: readonly CredentialRecord[]; isBatch: boolean }
  | { kind: 'profile'; profile: ProfileRecord };

type Beside = { kind: 'key'; id: string } | { kind: 'proxies' } | null;

/** Nothing is shown of what is on its way for this long: most answers are faster. */
const SHAPES_AFTER_MS = 200;
/** What an answer cost is booked with its end; several ends are one question. */
const FIGURES_AFTER_MS = 1000;
const NO_KEYS: CredentialRecord[] = [];

/** Who can answer, with which keys, and how those are. */
export function CredentialsPage(props: CredentialsPageProps) {
  const { info, defaultProfile, onMakeDefault, mode, onMode, onSecretsChanged } = props;
  const { t } = useTranslation();
  const { api } = useCore();
  const { profiles, credentials: told, effective, health, spend, problem, load } = useCredentialsStore();
  // Hundreds of keys may change at once. Their cards follow in slices between frames, and what is typed goes before them.
  const credentials = useDeferredValue(told, null);
  const { notes, busy, run, step, forget } = useKeyActions();
  const { said, say } = useSaid();
  const [adding, setAdding] = useState(false);
  const [beside, setBeside] = useState<Beside>(null);
  const [dialog, setDialog] = useState<'import' | 'export' | 'unlock' | null>(null);
  const [menu, setMenu] = useState<{ id: string; anchor: HTMLElement } | null>(null);
  const [doomed, setDoomed] = useState<Doomed | null>(null);
  const [refused, setRefused] = useState<AppError | null>(null);
  const [filter, setFilter] = useState<KeyFilter>({ text: '', group: null });
  const [selectedIds, setSelectedIds] = useState<ReadonlySet<string>>(new Set());
  const [outcome, setOutcome] = useState<BatchOutcome | null>(null);

  const all = credentials ?? NO_KEYS;
  useFigures(credentials);

  const origins = useMemo(
    () => new Map((profiles ?? []).map((profile) => [profile.id, originOf(profile.baseUrl)])),
    [profiles],
  );
  const ways = useMemo(() => new Map(effective.map((way) => [way.credentialId, way])), [effective]);
  const groups = useMemo(
    () => [...new Set(all.flatMap(({ group }) => (group === null ? [] : [group])))].sort((a, b) => a.localeCompare(b)),
    [all],
  );
  const shown = useMemo(() => filterKeys(all, profiles ?? [], filter), [all, profiles, filter]);
  const selected = all.filter(({ id }) => selectedIds.has(id));
  const pastMs = useLastPast(all.flatMap(restEnds));
  const looks = all.map((key) => describeKey(key, origins.get(key.profileId) ?? null, pastMs).look);
  const isFiltered = filter.text.trim() !== '' || filter.group !== null;
  const find = (id: string) => all.find((key) => key.id === id);

  const perform = async (task: BatchTask, keys: readonly CredentialRecord[], isBatch: boolean) => {
    const told = await run(
      task,
      keys.map(({ id }) => id),
    );
    const results = keys.flatMap(({ id, label }) => {
      const note = told[id];
      return note === undefined ? [] : [{ id, label, note }];
    });
    if (isBatch) {
      setOutcome({ task, results });
      const done = results.filter(({ note }) => note.ok).length;
      say(t('credentials.batch.outcome', { done, count: results.length }));
    } else say(results.map(({ label, note }) => pairText(label, note.text)).join(' '));
    if (task === 'delete') {
      setSelectedIds((known) => new Set([...known].filter((id) => told[id]?.ok !== true)));
      setBeside((open) => (open?.kind === 'key' && told[open.id]?.ok === true ? null : open));
      // What had the focus is gone with its card.
      document.getElementById('main')?.focus();
    }
  };
  const confirmHost = async (key: CredentialRecord) => {
    const origin = origins.get(key.profileId);
    if (origin == null) return;
    const answer = await api.request('credentials.confirmHost', { credentialId: key.id, origin });
    setRefused(answer.ok ? null : answer.error);
    await load(api);
  };
  const act = (id: string, action: KeyAction | 'disable' | 'delete') => {
    const key = find(id);
    if (key === undefined) return;
    switch (action) {
      case 'unlock':
        setDialog('unlock');
        return;
      case 'signIn':
        setBeside({ kind: 'key', id });
        return;
      case 'confirmHost':
        void confirmHost(key);
        return;
      case 'delete':
        setDoomed({ kind: 'keys', keys: [key], isBatch: false });
        return;
      case 'useNow':
        void perform('reset', [key], false);
        return;
      default:
        void perform(action, [key], false);
    }
  };
  // The cards hold one object for as long as the page is open, so that none is drawn again for another one's sake.
  const latest = useRef({ act, step });
  useEffect(() => {
    latest.current = { act, step };
  });
  const [events] = useState<KeyCardEvents>(() => ({
    open: (id) => setBeside({ kind: 'key', id }),
    select: (id, isSelected) => {
      setOutcome(null);
      setSelectedIds((known) => {
        const next = new Set(known);
        if (isSelected) next.add(id);
        else next.delete(id);
        return next;
      });
    },
    step: (id, by) => latest.current.step(id, by),
    act: (id, action) => latest.current.act(id, action),
    menu: (id, anchor) => setMenu({ id, anchor }),
  }));
  const changed = useCallback(() => void useCredentialsStore.getState().load(api), [api]);

  const removeProfile = async (profile: ProfileRecord) => {
    const answer = await api.request('profiles.delete', { profileId: profile.id });
    setRefused(answer.ok ? null : answer.error);
    await load(api);
  };
  const failure = refused ?? problem;
  const isEmpty = profiles?.every(({ kind }) => kind === 'demo') === true;
  const opened = beside?.kind === 'key' ? find(beside.id) : undefined;
  const openedProfile = profiles?.find(({ id }) => id === opened?.profileId);
  const menuKey = menu === null ? undefined : find(menu.id);

  return (
    <>
      <PageHeader title={t('credentials.title')}>
        <Button look="plain" data-testid="open-proxies" onClick={() => setBeside({ kind: 'proxies' })}>
          {t('credentials.proxies')}
        </Button>
        <Popover
          kind="menu"
          align="end"
          label={t('credentials.file')}
          trigger={(trigger) => (
            <IconButton {...trigger} icon={Ellipsis} label={t('credentials.file')} data-testid="keys-file" />
          )}
        >
          {(close) => (
            <>
              <MenuItem
                icon={Download}
                onClick={() => {
                  close();
                  setDialog('import');
                }}
              >
                {t('credentials.import.open')}
              </MenuItem>
              <MenuItem
                icon={Upload}
                onClick={() => {
                  close();
                  setDialog('export');
                }}
              >
                {t('credentials.export.open')}
              </MenuItem>
            </>
          )}
        </Popover>
        <Button look="go" icon={Plus} shrinks data-testid="add-profile" onClick={() => setAdding(true)}>
          {t('credentials.addProfile')}
        </Button>
      </PageHeader>
      <p role="status" data-testid="credentials-said" className="sr-only">
        {said}
      </p>
      <div className="relative flex min-h-0 flex-1">
        <div className="page">
          <div className="mx-auto grid max-w-[60rem] grid-cols-1 gap-4">
            {info !== null && <SecretsNote secrets={info.secrets} onChanged={onSecretsChanged} />}
            {failure !== null && <ErrorNote {...failure} onRemedy={() => void load(api)} />}
            {adding && (
              <section aria-label={t('credentials.addProfile')} className="rounded-lg border border-line bg-raised p-4">
                <h2 className="mb-3">{t('credentials.addProfile')}</h2>
                <ConnectForm
                  submit={t('credentials.save')}
                  onCancel={() => setAdding(false)}
                  onDone={(profile) => {
                    setAdding(false);
                    if (profiles?.every((each) => each.kind === 'demo') === true) onMakeDefault(profile.name);
                  }}
                />
              </section>
            )}
            {profiles === null && failure === null && <Shapes />}
            {all.length > 0 && (
              <PoolHealth
                health={health}
                credentials={all}
                ready={looks.filter(canAnswer).length}
                needsPerson={looks.filter(needsPerson).length}
              />
            )}
            {all.length > 1 && (
              <PoolToolbar mode={mode} onMode={onMode} filter={filter} onFilter={setFilter} groups={groups} />
            )}
            {selected.length > 0 && (
              <BatchBar
                selected={selected}
                busy={busy}
                outcome={outcome}
                onTask={(task) =>
                  task === 'delete'
                    ? setDoomed({ kind: 'keys', keys: selected, isBatch: true })
                    : void perform(task, selected, true)
                }
                onSelectAll={() => setSelectedIds(new Set(shown.map(({ id }) => id)))}
                onClear={() => {
                  setSelectedIds(new Set());
                  setOutcome(null);
                  forget();
                }}
              />
            )}
            {isEmpty && !adding && (
              <div className="grid justify-items-center gap-2 rounded-lg border border-dashed border-line-control px-6 py-8 text-center">
                <Icon of={KeyRound} size={20} className="text-ink-2" />
                <h2>{t('credentials.empty.title')}</h2>
                <p className="max-w-md text-ink-2">{t('credentials.empty.body')}</p>
                <Button icon={Plus} onClick={() => setAdding(true)}>
                  {t('credentials.addProfile')}
                </Button>
              </div>
            )}
            {profiles?.map((profile) => {
              const own = shown.filter((key) => key.profileId === profile.id);
              if (isFiltered && own.length === 0) return null;
              return (
                <ProfileSection
                  key={profile.id}
                  profile={profile}
                  keyCount={(told ?? NO_KEYS).filter((key) => key.profileId === profile.id).length}
                  isDefault={profile.name === defaultProfile}
                  onMakeDefault={() => onMakeDefault(profile.name)}
                  onChanged={changed}
                  onDelete={() => setDoomed({ kind: 'profile', profile })}
                >
                  {own.length > 0 && (
                    <KeyGrid>
                      {own.map((key) => (
                        <KeyCard
                          key={key.id}
                          credential={key}
                          origin={origins.get(key.profileId) ?? null}
                          way={ways.get(key.id)}
                          spend={spend === null ? null : spend[key.id]}
                          isOpen={beside?.kind === 'key' && beside.id === key.id}
                          isSelected={selectedIds.has(key.id)}
                          note={notes[key.id]}
                          events={events}
                        />
                      ))}
                    </KeyGrid>
                  )}
                </ProfileSection>
              );
            })}
            {isFiltered && shown.length === 0 && (
              <div className="flex items-center gap-2 text-ink-2">
                <p>{t('credentials.toolbar.noMatch')}</p>
                <Button look="plain" onClick={() => setFilter({ text: '', group: null })}>
                  {t('credentials.toolbar.showAll')}
                </Button>
              </div>
            )}
          </div>
        </div>
        {beside?.kind === 'proxies' && (
          <ProxiesDrawer groups={groups} onChanged={changed} onClose={() => setBeside(null)} />
        )}
        {opened !== undefined && openedProfile !== undefined && (
          <KeyDrawer
            key={opened.id}
            credential={opened}
            profile={openedProfile}
            way={ways.get(opened.id)}
            spend={spend === null ? null : spend[opened.id]}
            groups={groups}
            onAct={(action) => act(opened.id, action)}
            onRenew={() => void perform('renew', [opened], false)}
            onSaid={say}
            onChanged={changed}
            onClose={() => setBeside(null)}
          />
        )}
      </div>
      {menu !== null && menuKey !== undefined && (
        <KeyMenu
          credential={menuKey}
          anchor={menu.anchor}
          onTask={(task) => (task === 'delete' ? act(menuKey.id, 'delete') : void perform(task, [menuKey], false))}
          onOpen={() => setBeside({ kind: 'key', id: menuKey.id })}
          onClose={() => setMenu(null)}
        />
      )}
      {dialog === 'import' && <ImportDialog onChanged={changed} onClose={() => setDialog(null)} />}
      {dialog === 'export' && (
        <ExportDialog
          onClose={() => setDialog(null)}
          onDone={(told) => {
            setDialog(null);
            say(told);
          }}
        />
      )}
      {dialog === 'unlock' && (
        <PassphraseDialog
          task="unlock"
          onClose={() => setDialog(null)}
          onDone={() => {
            setDialog(null);
            onSecretsChanged();
          }}
        />
      )}
      {doomed?.kind === 'keys' && (
        <ConfirmDialog
          title={
            doomed.keys.length === 1
              ? t('credentials.confirmKey.title', { label: doomed.keys[0]?.label ?? '' })
              : t('credentials.confirmKeys.title', { count: doomed.keys.length })
          }
          body={t('credentials.confirmKey.body')}
          confirm={t(doomed.keys.length === 1 ? 'credentials.confirmKey.yes' : 'credentials.confirmKeys.yes')}
          cancel={t(doomed.keys.length === 1 ? 'credentials.confirmKey.no' : 'credentials.confirmKeys.no')}
          onConfirm={() => void perform('delete', doomed.keys, doomed.isBatch)}
          onClose={() => setDoomed(null)}
        />
      )}
      {doomed?.kind === 'profile' && (
        <ConfirmDialog
          title={t('credentials.confirmProfile.title', { name: doomed.profile.name })}
          body={t('credentials.confirmProfile.body')}
          confirm={t('credentials.confirmProfile.yes')}
          cancel={t('credentials.confirmProfile.no')}
          onConfirm={() => void removeProfile(doomed.profile)}
          onClose={() => setDoomed(null)}
        />
      )}
    </>
  );
}

/** Keeps spend and health up to date while keys change; under load they change with every request. */
function useFigures(credentials: unknown): void {
  const { api } = useCore();
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    void useCredentialsStore.getState().loadSpend(api);
    return () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
      waiting.current = null;
    };
  }, [api]);
  useEffect(() => {
    waiting.current ??= setTimeout(() => {
      waiting.current = null;
      void useCredentialsStore.getState().loadSpend(api);
      void useCredentialsStore.getState().loadHealth(api);
    }, FIGURES_AFTER_MS);
  }, [api, credentials]);
}

/** Shapes of what comes, once it takes longer than a glance. */
function Shapes() {
  const { t } = useTranslation();
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), SHAPES_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!visible) return null;
  return (
    <div role="status" aria-label={t('credentials.loading')} className="grid gap-3">
      <div className="h-24 rounded-lg bg-sunken" />
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,18rem),1fr))] gap-3">
        {[1, 2, 3, 4].map((each) => (
          <div key={each} className="h-42 rounded-lg bg-sunken" />
        ))}
      </div>
    </div>
  );
}
