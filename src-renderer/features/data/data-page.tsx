import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { BackupsPanel } from './backups-panel.tsx';
import { DeletePanel } from './delete-panel.tsx';
import { ExportPanel } from './export-panel.tsx';
import { ImportPanel } from './import-panel.tsx';

interface DataPageProps {
  onBack: () => void;
  /** A file that waits in the core for a person to look at it; null for none. */
  handedIn: string | null;
  /** It is shown now. */
  onTaken: () => void;
}

/** What a person owns here, and every way to keep it, move it and be rid of it. */
export function DataPage({ onBack, ...incoming }: DataPageProps) {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('data.title')}>
        <Button icon={ArrowLeft} onClick={onBack}>
          {t('data.back')}
        </Button>
      </PageHeader>
      <div className="page">
        <div className="mx-auto grid max-w-(--column) grid-cols-1 gap-5">
          <BackupsPanel />
          <ExportPanel />
          <ImportPanel {...incoming} />
          <DeletePanel />
        </div>
      </div>
    </>
  );
}
