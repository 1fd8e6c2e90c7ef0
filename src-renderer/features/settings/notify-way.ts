import type { AppInfo } from '#contract/records';

/** How this page can tell that an answer is ready while it is out of sight. */
export type NotifyWay =
  /** The desktop application tells, whatever this page may do. */
  | 'host'
  /** The browser tells. */
  | 'page'
  /** The browser wants to be asked first, by a click. */
  | 'ask'
  /** The browser was told not to. */
  | 'blocked'
  /** Nothing can tell; the title still counts. */
  | 'none';

/** A pure decision. `permission` is null where the browser has no notifications. */
export function notifyWay(info: AppInfo | null, permission: NotificationPermission | null): NotifyWay {
  if (info === null) return 'none';
  if (info.abilities.notify) return 'host';
  // A window of the desktop application asks nobody for a permission: its host decides.
  if (info.host === 'electron' || permission === null) return 'none';
  if (permission === 'granted') return 'page';
  return permission === 'denied' ? 'blocked' : 'ask';
}
