import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { LOG_DETAILS, type LogDetail } from '#contract/diagnostics';
import type { AppInfo } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { DiagnosticsPanel } from './diagnostics-panel.tsx';
import { Panel } from './panel.tsx';

interface DiagnosticsPageProps {
  info: AppInfo | null;
  logDetail: LogDetail;
  onLogDetail: (detail: LogDetail) => void;
  onBack: () => void;
}

/** Where the log is, how much it says, and what can be handed to somebody who looks for a fault. */
export function DiagnosticsPage({ info, logDetail, onLogDetail, onBack }: DiagnosticsPageProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  return (
    <>
      <PageHeader title={t('diagnostics.title')}>
        <Button icon={ArrowLeft} onClick={onBack}>
          {t('data.back')}
        </Button>
      </PageHeader>
      <div className="page">
        <div className="mx-auto grid max-w-(--column) grid-cols-1 gap-5">
          <DiagnosticsPanel />
          <Panel
            title={t('diagnostics.log')}
            hint={t('diagnostics.logHint')}
            actions={
              info?.abilities.showInFolder === true && (
                <Button onClick={() => void api.request('data.showFolder', {})}>{t('data.showFolder')}</Button>
              )
            }
          >
            {info !== null && (
              <p className="px-4 py-2.5">
                <code className="text-xs wrap-anywhere text-ink-2 select-all">{info.logFile}</code>
              </p>
            )}
            <div className="flex items-center gap-x-4 gap-y-2 px-4 py-2.5 max-word:flex-wrap">
              <div className="min-w-0 flex-1 max-word:basis-full">
                <p className="font-medium">{t('diagnostics.detail')}</p>
                <p className="text-xs text-ink-3">{t(`diagnostics.detailHint.${logDetail}`)}</p>
              </div>
              <Segmented
                label={t('diagnostics.detail')}
                value={logDetail}
                onChange={onLogDetail}
                options={LOG_DETAILS.map((value) => ({ value, label: t(`diagnostics.details.${value}`) }))}
              />
            </div>
          </Panel>
        </div>
      </div>
    </>
  );
}
