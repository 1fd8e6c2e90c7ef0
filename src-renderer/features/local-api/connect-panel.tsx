import { KeyRound } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { CopyButton } from './copy-button.tsx';
import { codeOf, environmentLines, isPlainName, type Shell, TOOLS, type Tool } from './tools.ts';
import { useFreshKey } from './use-fresh-key.ts';

/** Stands where the key will. */
const MASKED_KEY = 'sluice_••••••••••••••••';

interface ConnectPanelProps {
  /** Where the server is, or will be. */
  url: string;
  profiles: readonly ProfileRecord[];
}

/** How to connect a program: what goes into its environment, and the code. */
export function ConnectPanel({ url, profiles }: ConnectPanelProps) {
  const { t } = useTranslation();
  const [toolId, setToolId] = useState(TOOLS[0]?.id);
  const [shell, setShell] = useState<Shell>(navigator.userAgent.includes('Windows') ? 'powershell' : 'sh');
  const [chosen, setChosen] = useState<string | null>(null);
  const { fresh, problem, make, forget } = useFreshKey();
  const tabs = useRef<HTMLDivElement>(null);
  const id = useId();
  const tool = TOOLS.find((each) => each.id === toolId) ?? TOOLS[0];
  if (tool === undefined) return null;

  const answerers = profiles.filter((profile) => isPlainName(modelOf(profile)));
  const answerer = answerers.find((profile) => profile.name === chosen) ?? answerers[0];
  const key = fresh?.id === tool.id ? fresh : null;
  const values = {
    url,
    model: answerer === undefined ? 'demo/demo' : modelOf(answerer),
    profile: answerer?.name ?? 'demo',
  };
  const choose = (next: Tool | undefined) => {
    if (next === undefined) return;
    // The key was made for the other program.
    forget();
    setToolId(next.id);
  };
  const walk = (event: KeyboardEvent) => {
    const at = TOOLS.indexOf(tool);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TOOLS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + TOOLS.length) % TOOLS.length;
    choose(TOOLS[next]);
    tabs.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
  };

  return (
    <section aria-labelledby="connect" className="min-w-0">
      <h2 id="connect" className="mb-2">
        {t('localApi.connect')}
      </h2>
      <div className="rounded-lg border border-line bg-raised">
        <div
          ref={tabs}
          role="tablist"
          aria-label={t('localApi.tools')}
          className="flex flex-wrap gap-0.5 border-b border-line p-1.5"
        >
          {TOOLS.map((each) => (
            <button
              key={each.id}
              type="button"
              role="tab"
              id={`${id}-${each.id}`}
              aria-selected={each === tool}
              aria-controls={`${id}-panel`}
              tabIndex={each === tool ? 0 : -1}
              data-testid={`tool-${each.id}`}
              onClick={() => choose(each)}
              onKeyDown={walk}
              className={classNames(
                'touch h-7 rounded-md px-2 text-xs whitespace-nowrap',
                each === tool ? 'bg-selected font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
              )}
            >
              <code className="font-sans">{each.name}</code>
            </button>
          ))}
        </div>
        <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tool.id}`} className="grid gap-4 px-4 py-3">
          <div className="flex flex-wrap items-end gap-3">
            <div className="w-56 min-w-0">
              <SelectField
                label={t('localApi.answeredBy')}
                data-testid="connect-model"
                value={answerer?.name ?? ''}
                onChange={(event) => setChosen(event.target.value)}
                options={answerers.map((profile) => ({ value: profile.name, label: modelOf(profile) }))}
              />
            </div>
            <Segmented
              label={t('localApi.shell')}
              value={shell}
              onChange={setShell}
              options={[
                { value: 'sh', label: t('localApi.shells.sh') },
                { value: 'powershell', label: t('localApi.shells.powershell') },
              ]}
            />
          </div>
          <Snippet
            label={t('localApi.environment')}
            testId="snippet-environment"
            text={environmentLines(tool, shell, { url, key: key?.secret ?? MASKED_KEY })}
          />
          <div className="-mt-2 grid justify-items-start gap-1.5 text-xs text-ink-3" role="status">
            {key === null ? (
              <>
                <p>{t('localApi.maskedKey')}</p>
                <Button icon={KeyRound} data-testid="fill-key" onClick={() => void make(tool.id, tool.name)}>
                  {t('localApi.makeKeyFor', { tool: tool.name })}
                </Button>
              </>
            ) : (
              <>
                <p>{t('localApi.filledKey', { name: key.name })}</p>
                <Button data-testid="hide-key" onClick={forget}>
                  {t('localApi.keyKept')}
                </Button>
              </>
            )}
            {problem !== null && <p className="text-stop-ink">{problem}</p>}
          </div>
          <Snippet
            label={tool.file === undefined ? t(codeLabel(tool)) : t('localApi.intoFile', { file: tool.file })}
            testId="snippet-code"
            text={codeOf(tool, shell, values)}
          />
        </div>
      </div>
    </section>
  );
}

function codeLabel(tool: Tool): 'localApi.inTerminal' | 'localApi.code' {
  return tool.language === 'sh' || tool.language === 'text' ? 'localApi.inTerminal' : 'localApi.code';
}

/** How a program names a profile's model. */
function modelOf({ name, kind, defaultModel }: ProfileRecord): string {
  return `${name}/${kind === 'demo' ? 'demo' : (defaultModel ?? '')}`;
}

function Snippet({ label, text, testId }: { label: string; text: string; testId: string }) {
  const { t } = useTranslation();
  return (
    <div className="min-w-0">
      <div className="flex min-h-7 items-center gap-2">
        <h3 className="min-w-0 flex-1 text-xs font-normal wrap-anywhere text-ink-2">{label}</h3>
        <CopyButton text={text} of={t('localApi.copyOf', { what: label })} testId={`${testId}-copy`} />
      </div>
      <pre
        tabIndex={0}
        aria-label={label}
        className="thin-scroll max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 text-xs leading-5 whitespace-pre-wrap wrap-anywhere"
      >
        <code data-testid={testId}>{text}</code>
      </pre>
    </div>
  );
}
