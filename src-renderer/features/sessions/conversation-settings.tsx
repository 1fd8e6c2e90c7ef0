import { FolderOpen, SlidersHorizontal, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { ProfileRecord, SessionRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer, DrawerSection } from '../../ui/drawer.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { SelectField, TextArea, TextField } from '../../ui/text-field.tsx';
import { useSavedText } from '../../ui/use-saved-text.ts';
import { ParameterFields } from './parameter-fields.tsx';
import type { SessionChange } from './use-session-actions.ts';

/** What holds for one conversation, also for one that is yet to begin. */
export type ConversationChoice = Pick<SessionRecord, 'profile' | 'model' | 'workspace' | 'instructions' | 'parameters'>;

interface ModelSlot {
  profile: ProfileRecord;
  /** Empty: the profile's own. */
  value: string;
  problem: string | undefined;
  onPick: (model: string) => void;
}

interface ConversationSettingsProps {
  value: ConversationChoice;
  /** Nothing was said in it yet: the core does not know it. */
  isNew: boolean;
  profiles: ProfileRecord[];
  defaultProfile: string;
  /** The host can ask for a folder with the system's own dialog. */
  canChooseFolder: boolean;
  /** The conversation that this one was split off from, where it is still there. */
  origin: SessionRecord | null;
  onOpen: (sessionId: string) => void;
  onChange: (change: SessionChange) => Promise<AppError | null>;
  /** The list of a profile's models, which others know. */
  modelField: (slot: ModelSlot) => ReactNode;
  onClose: () => void;
  /** What others know of the conversation; comes last. */
  children?: ReactNode;
}

/** Text that is typed is stored when the writer pauses this long. */
const PAUSE_MS = 800;

/** Opens and closes the drawer; stands in the header of the conversation. */
export function ConversationSettingsButton(props: {
  open: boolean;
  /** The conversation has some of its own: a dot says so while the drawer is closed. */
  ownSettings: boolean;
  onToggle: () => void;
}) {
  const { open, ownSettings, onToggle } = props;
  const { t } = useTranslation();
  return (
    <span className="relative flex-none">
      <IconButton
        icon={SlidersHorizontal}
        data-testid="conversation-settings"
        data-own={ownSettings}
        label={t(ownSettings ? 'conversation.titleOwn' : 'conversation.title')}
        aria-expanded={open}
        onClick={onToggle}
        className={open ? 'bg-selected text-ink' : ''}
      />
      {ownSettings && !open && (
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-1 right-1 size-1.5 rounded-full bg-accent ring-2 ring-canvas"
        />
      )}
    </span>
  );
}

/** Who answers in this conversation, in which folder and with which instructions. */
export function ConversationSettings(props: ConversationSettingsProps) {
  const { value, isNew, profiles, defaultProfile, origin, onOpen, onChange, modelField, onClose, children } = props;
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const name = value.profile ?? defaultProfile;
  const profile = profiles.find((each) => each.name === name);
  const [modelProblem, setModelProblem] = useState<string | undefined>(undefined);
  const instructions = useSavedText(
    value.instructions ?? '',
    // As it was written: a space at its end is where the next word begins.
    async (text) => messageOf(await onChange({ instructions: text.trim() === '' ? null : text })),
    // What is kept beside a draft is kept with each letter, as the draft is.
    isNew ? 0 : PAUSE_MS,
  );
  const options = profiles.map((each) => ({ value: each.name, label: each.name }));
  // A profile that was deleted is still the one that is stored here.
  if (profile === undefined) options.unshift({ value: name, label: t('conversation.gone', { name }) });
  return (
    <Drawer title={t('conversation.title')} closeLabel={t('conversation.close')} onClose={onClose}>
      <DrawerSection title={t('conversation.who')}>
        <SelectField
          label={t('conversation.profile')}
          data-testid="conversation-profile"
          value={name}
          problem={problem}
          options={options}
          onChange={(event) =>
            void onChange({ profile: event.target.value, model: null }).then((error) =>
              setProblem(messageOf(error) ?? undefined),
            )
          }
        />
        {profile !== undefined &&
          profile.kind !== 'demo' &&
          modelField({
            profile,
            value: value.model ?? '',
            problem: modelProblem,
            onPick: (model) =>
              void onChange({ model: textOrNull(model) }).then((error) =>
                setModelProblem(messageOf(error) ?? undefined),
              ),
          })}
      </DrawerSection>
      <ParameterFields value={value.parameters} onChange={(parameters) => onChange({ parameters })} />
      <WorkingFolder {...props} />
      <DrawerSection title={t('conversation.instructions')}>
        <TextArea
          hideLabel
          label={t('conversation.instructions')}
          data-testid="conversation-instructions"
          hint={t(instructions.pending && !isNew ? 'conversation.saving' : 'conversation.instructionsHint')}
          placeholder={t('conversation.instructionsExample')}
          value={instructions.text}
          problem={instructions.problem}
          onChange={(event) => instructions.onChange(event.target.value)}
          onBlur={instructions.flush}
        />
      </DrawerSection>
      {origin !== null && (
        <DrawerSection title={t('conversation.origin')}>
          <Button look="plain" className="-mx-2 justify-start" onClick={() => onOpen(origin.id)}>
            {origin.title}
          </Button>
        </DrawerSection>
      )}
      {children}
    </Drawer>
  );
}

function WorkingFolder({ value, canChooseFolder, onChange }: ConversationSettingsProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [refused, setRefused] = useState<string | null>(null);
  const store = async (path: string | null) => {
    const error = await onChange({ workspace: path });
    setRefused(null);
    return messageOf(error);
  };
  // Half a path is no folder: it is stored when it is whole.
  const folder = useSavedText(value.workspace ?? '', (text) => store(textOrNull(text)), null);
  const choose = async () => {
    const answer = await api.request('app.choose_folder', { title: t('conversation.chooseTitle') });
    if (!answer.ok) setRefused(answer.error.message);
    else if (answer.data.path !== null) setRefused(await store(answer.data.path));
  };
  const clear = async () => {
    folder.onChange('');
    folder.flush();
  };
  return (
    <DrawerSection title={t('conversation.folder')}>
      <div className="flex items-start gap-1.5">
        <div className="min-w-0 flex-1">
          <TextField
            mono
            hideLabel
            label={t('conversation.folder')}
            data-testid="conversation-folder"
            placeholder={t('conversation.folderExample')}
            hint={t('conversation.folderHint')}
            value={folder.text}
            problem={folder.problem ?? refused ?? undefined}
            onChange={(event) => folder.onChange(event.target.value)}
            onBlur={folder.flush}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !isComposing(event.nativeEvent)) folder.flush();
            }}
            className="text-xs"
          />
        </div>
        {folder.text !== '' && (
          <IconButton icon={X} className="mt-0.5" label={t('conversation.noFolder')} onClick={() => void clear()} />
        )}
        {canChooseFolder && (
          <Button tall icon={FolderOpen} data-testid="choose-folder" onClick={() => void choose()}>
            {t('conversation.choose')}
          </Button>
        )}
      </div>
    </DrawerSection>
  );
}

function messageOf(error: AppError | null): string | null {
  return error === null ? null : error.message;
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
