import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** The fact in bold and what follows from it, with the space that the language puts between sentences. */
export function BoldFact({ fact, className, children }: { fact: string; className?: string; children?: ReactNode }) {
  const { i18n } = useTranslation();
  return (
    <>
      <b className={className ?? 'font-semibold'}>{fact}</b>
      {i18n.language.startsWith('zh') ? '' : ' '}
      {children}
    </>
  );
}
