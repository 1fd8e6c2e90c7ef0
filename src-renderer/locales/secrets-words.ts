import i18next from 'i18next';
import type { AppInfo } from '#contract/records';
import { failureSentence } from './failure-language.ts';

/** Where keys are kept, in the language of the page; what went wrong in the core's own words. */
export function secretsWords({
  standing,
  message,
  said,
}: Pick<AppInfo['secrets'], 'standing' | 'message' | 'said'>): string {
  return standing === 'problem' ? failureSentence(message, said) : i18next.t(`secrets.${standing}`);
}
