import type { Settings } from '#contract/settings';
import { fitFiles } from '../../attachments/fit-files.ts';
import { fitParameters } from '../../gateway/fit-parameters.ts';
import { ATTACHMENT_BUDGET_BYTES } from '../../runs/prepare-request.ts';
import { chooseOptions, effectiveParameters } from '../../runs/run-options.ts';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../router.ts';

/**
 * What of a message would not go out as it is, before it is sent: the same decisions that are made when it is. It changes
 * nothing and asks nobody.
 */
export function createFitHandlers(parts: {
  store: Store;
  settings: () => Pick<Settings, 'defaultProfile'>;
}): Pick<Handlers, 'sessions.fit'> {
  const { store, settings } = parts;
  return {
    'sessions.fit': ({ sessionId, profile, model, parameters, files }) => {
      const options = chooseOptions(
        store,
        {
          input: '',
          sessionId,
          ...(profile === undefined ? {} : { profile }),
          ...(model === undefined ? {} : { model }),
          ...(parameters === undefined ? {} : { parameters }),
        },
        { connectionProfile: null, defaultProfile: settings().defaultProfile },
      );
      const kind = store.profiles.byName(options.profile)?.kind ?? 'demo';
      return {
        model: options.model,
        parameters: fitParameters(kind, options.model, effectiveParameters(options)).leftOut,
        files: fitFiles(kind, options.model, files, ATTACHMENT_BUDGET_BYTES),
      };
    },
  };
}
