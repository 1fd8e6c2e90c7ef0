import { useTranslation } from 'react-i18next';
import { Segmented } from '../../ui/segmented.tsx';
import { SelectField, TextField } from '../../ui/text-field.tsx';
import type { KeyFilter } from './filter-keys.ts';

const MODES = ['priority', 'balanced'] as const;
export type PoolMode = (typeof MODES)[number];
/** No group's name: names hold no control characters. */
const ALL = '\u0000';

interface PoolToolbarProps {
  mode: PoolMode;
  onMode: (mode: PoolMode) => void;
  filter: KeyFilter;
  onFilter: (filter: KeyFilter) => void;
  groups: readonly string[];
}

/** How a key is chosen, and which keys are shown. */
export function PoolToolbar({ mode, onMode, filter, onFilter, groups }: PoolToolbarProps) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segmented
        label={t('credentials.toolbar.mode')}
        value={mode}
        options={MODES.map((value) => ({ value, label: t(`credentials.toolbar.modes.${value}`) }))}
        onChange={onMode}
      />
      {groups.length > 0 && (
        <div className="w-36">
          <SelectField
            hideLabel
            label={t('credentials.toolbar.group')}
            value={filter.group ?? ALL}
            options={[
              { value: ALL, label: t('credentials.toolbar.allGroups') },
              ...groups.map((group) => ({ value: group, label: group })),
              { value: '', label: t('credentials.toolbar.noGroup') },
            ]}
            onChange={(event) => onFilter({ ...filter, group: event.target.value === ALL ? null : event.target.value })}
          />
        </div>
      )}
      <span className="flex-1" />
      <div className="w-44 max-word:w-full">
        <TextField
          hideLabel
          type="search"
          label={t('credentials.toolbar.filter')}
          placeholder={t('credentials.toolbar.filterPlace')}
          value={filter.text}
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
        />
      </div>
    </div>
  );
}
