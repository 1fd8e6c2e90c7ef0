import { createContext, type ReactNode, useContext } from 'react';
import { Marked } from '../../ui/marked.tsx';
import { hasWords } from './has-words.ts';

/** What the reader looks for on this page; nothing typed shows everything. */
export const SettingsFilter = createContext('');
/** The name of the group that a setting stands in: it is one of its words. */
const GroupTitle = createContext('');

interface GroupProps {
  /** Its name in addresses: `#settings=queue`. */
  name: string;
  title: string;
  children: ReactNode;
}

/** Settings of one kind. It is gone while a filter leaves none of them. */
export function Group({ name, title, children }: GroupProps) {
  return (
    <GroupTitle value={title}>
      <section aria-label={title} data-section={name} className="settings-group">
        <h2 tabIndex={-1} className="mb-2 w-fit">
          <Words text={title} />
        </h2>
        <div className="settings-card rounded-lg border border-line bg-raised">{children}</div>
      </section>
    </GroupTitle>
  );
}

interface SettingProps {
  /** What it is found by, beside the name of its group. */
  words: readonly string[];
  className?: string;
  testId?: string;
  children: ReactNode;
}

/** One setting. The filter hides it and keeps it as it is: what is being written in it stays. */
export function Setting({ words, className, testId, children }: SettingProps) {
  const query = useContext(SettingsFilter);
  const group = useContext(GroupTitle);
  return (
    <div data-setting data-testid={testId} hidden={!hasWords(query, [group, ...words])} className={className}>
      {children}
    </div>
  );
}

/** A text with what is looked for marked in it. */
export function Words({ text }: { text: string }) {
  const query = useContext(SettingsFilter);
  return query === '' ? text : <Marked text={text} query={query} />;
}

interface RowProps {
  title: string;
  hint: string;
  /** What else it is found by: the names of what can be chosen. */
  words?: readonly string[];
  children: ReactNode;
}

/** A setting: its name, one sentence about it, its control. */
export function Row({ title, hint, words = [], children }: RowProps) {
  return (
    <Setting
      words={[title, hint, ...words]}
      className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5"
    >
      {/* A control that leaves the sentence this much stays beside it; a wider one goes below. */}
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium">
          <Words text={title} />
        </p>
        <p className="text-xs text-ink-3">
          <Words text={hint} />
        </p>
      </div>
      <div className="max-w-full min-w-0 flex-[0_1_auto]">{children}</div>
    </Setting>
  );
}
