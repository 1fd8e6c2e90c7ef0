import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/switch.tsx';
import { notifyWay } from './notify-way.ts';
import { Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

/** What the browser says of its permission now; null where it has no notifications. */
export function notificationPermission(): NotificationPermission | null {
  return 'Notification' in window ? Notification.permission : null;
}

/** Whether the system tells of an answer. The browser's permission is asked for by a click here and nowhere else. */
export function NotifyRow() {
  const { t } = useTranslation();
  const { api } = useCore();
  const on = useSettingsStore((state) => state.settings.notifyWhenDone);
  const info = useSettingsStore((state) => state.info);
  const change = useSettingsStore((state) => state.change);
  const [permission, setPermission] = useState(notificationPermission);
  const way = notifyWay(info, permission);
  const ask = async () => setPermission(await Notification.requestPermission());
  return (
    <Row
      title={t('settings.notify')}
      hint={t(
        on && (way === 'blocked' || way === 'ask' || way === 'none')
          ? `settings.notifyWays.${way}`
          : 'settings.notifyHint',
      )}
    >
      <div className="flex items-center gap-3">
        {on && way === 'ask' && (
          <Button data-testid="allow-notifications" onClick={() => void ask()}>
            {t('settings.allowNotifications')}
          </Button>
        )}
        <Switch
          label={t('settings.notify')}
          checked={on}
          onChange={(notifyWhenDone) => {
            void change(api, { notifyWhenDone });
            if (notifyWhenDone && way === 'ask') void ask();
          }}
        />
      </div>
    </Row>
  );
}
