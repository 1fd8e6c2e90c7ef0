import i18next from 'i18next';
import type { AppInfo } from '#contract/records';

/** Where keys are kept, in the language of the page; what went wrong in the core's own words. */
export function secretsWords({ standing, message }: Pick<AppInfo['secrets'], 'standing' | 'message'>): string {
  return standing === 'problem' ? message : i18next.t(`secrets.${standing}`);
}
