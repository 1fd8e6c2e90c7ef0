import type { PageFailure } from './error-boundary.tsx';

/** What helps to find a fault of the page, as text for whoever it is sent to. */
export function failureDetails(failure: PageFailure, place: string, agent: string): string {
  const { error, stack } = failure;
  return [
    `Sluice: ${place}`,
    agent,
    '',
    error.stack ?? `${error.name}: ${error.message}`,
    ...(stack === '' ? [] : ['', `Components:${stack}`]),
  ].join('\n');
}
