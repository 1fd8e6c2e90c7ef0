import { Download, Pencil, Plus, ScrollText, Trash2, Upload } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PromptRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { listText } from '../../ui/join-text.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { TextArea, TextField } from '../../ui/text-field.tsx';
import { variablesOf } from './fill-prompt.ts';
import { readPromptFile, writePromptFile } from './prompt-file.ts';
import { usePromptsStore } from './prompts-store.ts';

/** The library: texts that are sent again and again, with places to fill. */
export function PromptsPage({ onUse }: { onUse: (prompt: PromptRecord) => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const prompts = usePromptsStore((state) => state.prompts);
  const problem = usePromptsStore((state) => state.problem);
  const put = usePromptsStore((state) => state.put);
  const load = usePromptsStore((state) => state.load);
  /** `'new'`, or the id of what is being changed. */
  const [editing, setEditing] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<PromptRecord | null>(null);
  const [note, setNote] = useState<{ text: string; failed: boolean } | null>(null);
  const picked = useRef<HTMLInputElement>(null);

  const bring = async (file: File) => {
    const found = readPromptFile(await file.text());
    if (found === null) {
      setNote({ text: t('prompts.notAFile', { name: file.name }), failed: true });
      return;
    }
    const answer = await api.request('prompts.import', { prompts: found });
    if (!answer.ok) {
      setNote({ text: answer.error.message, failed: true });
      return;
    }
    put(answer.data.prompts);
    setNote({
      text: t('prompts.imported', { added: answer.data.added, replaced: answer.data.replaced }),
      failed: false,
    });
  };
  const remove = async (prompt: PromptRecord) => {
    const answer = await api.request('prompts.delete', { id: prompt.id });
    if (answer.ok) put(answer.data.prompts);
    else setNote({ text: answer.error.message, failed: true });
  };
  const listed = prompts ?? [];

  return (
    <>
      <PageHeader title={t('prompts.title')}>
        {listed.length > 0 && (
          <Button
            look="plain"
            shrinks
            icon={Download}
            data-testid="export-prompts"
            onClick={() => saveFile(t('prompts.fileName'), writePromptFile(listed), 'application/json')}
          >
            {t('prompts.export')}
          </Button>
        )}
        <Button look="plain" shrinks icon={Upload} onClick={() => picked.current?.click()}>
          {t('prompts.import')}
        </Button>
        <input
          ref={picked}
          type="file"
          accept="application/json,.json"
          hidden
          data-testid="import-prompts"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file !== undefined) void bring(file);
          }}
        />
        {editing !== 'new' && (
          <Button icon={Plus} data-testid="new-prompt" onClick={() => setEditing('new')}>
            {t('prompts.new')}
          </Button>
        )}
      </PageHeader>
      <div className="page">
        <div className="mx-auto grid max-w-(--column) grid-cols-1 gap-4">
          {problem !== null && (
            <div role="alert" className="flex items-center gap-3 text-stop-ink">
              <p className="min-w-0 flex-1">{problem.message}</p>
              <Button onClick={() => void load(api)}>{t('action.tryAgain')}</Button>
            </div>
          )}
          {note !== null && (
            <p role={note.failed ? 'alert' : 'status'} className={note.failed ? 'text-stop-ink' : 'text-ink-2'}>
              {note.text}
            </p>
          )}
          {editing === 'new' && <PromptForm prompt={null} onDone={() => setEditing(null)} />}
          {prompts !== null && listed.length === 0 && editing !== 'new' && (
            <div className="grid justify-items-center gap-1 py-16 text-center">
              <Icon of={ScrollText} size={20} className="mb-1 text-ink-3" />
              <p className="font-medium">{t('prompts.emptyTitle')}</p>
              <p className="mb-3 max-w-96 text-ink-3">{t('prompts.emptyBody')}</p>
              <Button icon={Plus} onClick={() => setEditing('new')}>
                {t('prompts.new')}
              </Button>
            </div>
          )}
          {listed.length > 0 && (
            <ul
              aria-label={t('prompts.title')}
              className="divide-y divide-line rounded-lg border border-line bg-raised"
            >
              {listed.map((prompt) =>
                prompt.id === editing ? (
                  <li key={prompt.id} className="p-3">
                    <PromptForm prompt={prompt} onDone={() => setEditing(null)} />
                  </li>
                ) : (
                  <li key={prompt.id} data-testid="prompt" className="flex items-center gap-2 py-2 pr-2 pl-4">
                    <div className="min-w-0 flex-1">
                      <p className="truncate font-medium">{prompt.name}</p>
                      <p className="line-clamp-2 text-xs wrap-anywhere text-ink-3">{prompt.body}</p>
                    </div>
                    <Button look="plain" onClick={() => onUse(prompt)}>
                      {t('prompts.use')}
                    </Button>
                    <IconButton
                      small
                      icon={Pencil}
                      label={t('prompts.change', { name: prompt.name })}
                      onClick={() => setEditing(prompt.id)}
                    />
                    <IconButton
                      small
                      icon={Trash2}
                      label={t('prompts.remove', { name: prompt.name })}
                      onClick={() => setDoomed(prompt)}
                    />
                  </li>
                ),
              )}
            </ul>
          )}
        </div>
      </div>
      {doomed !== null && (
        <ConfirmDialog
          title={t('prompts.confirmTitle', { name: doomed.name })}
          body={t('prompts.confirmBody')}
          confirm={t('prompts.confirmYes')}
          cancel={t('prompts.confirmNo')}
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </>
  );
}

function PromptForm({ prompt, onDone }: { prompt: PromptRecord | null; onDone: () => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [name, setName] = useState(prompt?.name ?? '');
  const [body, setBody] = useState(prompt?.body ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const variables = variablesOf(body);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '' || body.trim() === '') {
      setProblem(t('prompts.both'));
      return;
    }
    const answer = await api.request('prompts.save', { ...(prompt === null ? {} : { id: prompt.id }), name, body });
    if (!answer.ok) {
      setProblem(answer.error.message);
      return;
    }
    usePromptsStore.getState().put(answer.data.prompts);
    onDone();
  };
  return (
    <form
      onSubmit={(event) => void save(event)}
      aria-label={prompt === null ? t('prompts.new') : t('prompts.change', { name: prompt.name })}
      className={prompt === null ? 'grid gap-3 rounded-lg border border-line-2 bg-raised p-4' : 'grid gap-3'}
    >
      <TextField
        autoFocus
        label={t('prompts.name')}
        data-testid="prompt-name"
        maxLength={40}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextArea
        label={t('prompts.body')}
        data-testid="prompt-body"
        hint={
          variables.length === 0
            ? t('prompts.placeHint', { example: '{{name}}' })
            : t('prompts.places', { names: listText(variables.map((variable) => variable.name)) })
        }
        value={body}
        onChange={(event) => setBody(event.target.value)}
      />
      {problem !== null && (
        <p role="alert" className="text-stop-ink">
          {problem}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{t('action.cancel')}</Button>
        <Button type="submit" look="solid">
          {t('prompts.save')}
        </Button>
      </div>
    </form>
  );
}
