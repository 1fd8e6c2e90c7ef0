import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Drawer, DrawerSection } from '../../ui/drawer.tsx';
import { useCredentialsStore } from './credentials-store.ts';
import { ProxyForm } from './proxy-form.tsx';

interface ProxiesDrawerProps {
  groups: readonly string[];
  onChanged: () => void;
  onClose: () => void;
}

/** The general proxy, and each group with its own. */
export function ProxiesDrawer({ groups, onChanged, onClose }: ProxiesDrawerProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const proxies = useCredentialsStore((state) => state.proxies);
  const credentials = useCredentialsStore((state) => state.credentials) ?? [];
  const [doomed, setDoomed] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const of = (scope: 'global' | 'group', owner: string) =>
    proxies.find((each) => each.scope === scope && each.owner === owner);
  const membersOf = (group: string) => credentials.filter((each) => each.group === group).length;
  const remove = async (group: string) => {
    const answer = await api.request('groups.delete', { group });
    setProblem(answer.ok ? null : answer.error.message);
    onChanged();
  };
  return (
    <Drawer title={t('credentials.proxies')} closeLabel={t('credentials.drawer.close')} onClose={onClose}>
      <DrawerSection title={t('credentials.proxy.general')}>
        <p className="text-xs text-ink-3">{t('credentials.proxy.generalHint')}</p>
        <ProxyForm
          key={of('global', '')?.updatedAtMs ?? 0}
          scope="global"
          owner=""
          known={of('global', '')}
          onDone={onChanged}
          stacked
        />
      </DrawerSection>
      {problem !== null && (
        <p role="alert" className="px-5 pb-3 text-stop-ink">
          {problem}
        </p>
      )}
      {groups.map((group) => (
        <DrawerSection key={group} title={t('credentials.proxy.groupTitle', { group })}>
          <p className="text-xs text-ink-3">{t('credentials.count', { count: membersOf(group) })}</p>
          <ProxyForm
            key={of('group', group)?.updatedAtMs ?? 0}
            scope="group"
            owner={group}
            known={of('group', group)}
            onDone={onChanged}
            stacked
          />
          <div>
            <Button look="plain" className="-ml-2 text-xs" onClick={() => setDoomed(group)}>
              {t('credentials.group.delete', { group })}
            </Button>
          </div>
        </DrawerSection>
      ))}
      {groups.length === 0 && (
        <DrawerSection title={t('credentials.group.none')}>
          <p className="text-xs text-ink-3">{t('credentials.group.noneHint')}</p>
        </DrawerSection>
      )}
      {doomed !== null && (
        <ConfirmDialog
          title={t('credentials.group.title', { group: doomed })}
          body={t('credentials.group.body', { count: membersOf(doomed) })}
          confirm={t('credentials.group.yes')}
          cancel={t('credentials.group.no')}
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </Drawer>
  );
}
