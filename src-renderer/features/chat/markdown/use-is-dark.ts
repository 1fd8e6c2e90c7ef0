import { useSyncExternalStore } from 'react';

const query = () => window.matchMedia('(prefers-color-scheme: dark)');

function subscribe(onChange: () => void): () => void {
  const media = query();
  media.addEventListener('change', onChange);
  const watched = new MutationObserver(onChange);
  watched.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    media.removeEventListener('change', onChange);
    watched.disconnect();
  };
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === undefined || chosen === 'system' ? query().matches : chosen === 'dark';
}

/** Whether the page is dark now, for what cannot take its colours from the page. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}
