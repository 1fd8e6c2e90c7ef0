import { hasParameters, type ModelParameters } from '#contract/model-parameters';

/** What makes the answers of a conversation others than those of any new one. Who answers is told at the composer. */
interface OwnSettings {
  workspace?: string | null;
  instructions?: string | null;
  parameters?: ModelParameters;
}

/** Whether a conversation, also one that is yet to begin, has a folder, instructions or parameters of its own. */
export function hasOwnSettings(settings: OwnSettings | undefined): boolean {
  if (settings === undefined) return false;
  const { workspace, instructions, parameters = {} } = settings;
  return (workspace ?? '') !== '' || (instructions ?? '') !== '' || hasParameters(parameters);
}
