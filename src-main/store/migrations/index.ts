import { initial } from './0001-initial.ts';
import { conversations } from './0002-conversations.ts';
import { tokenCorrections } from './0003-token-corrections.ts';
import { usage } from './0004-usage.ts';
import { credentialHealth } from './0005-credential-health.ts';
import { programs } from './0006-programs.ts';
import { secrets } from './0007-secrets.ts';
import { costs } from './0008-costs.ts';
import { programSpend } from './0009-program-spend.ts';
import { keptAnswers } from './0010-kept-answers.ts';
import { tagsAndPrompts } from './0011-tags-and-prompts.ts';
import { parameters } from './0012-parameters.ts';

export interface Migration {
  /** The schema version that holds once it ran; contiguous from 1. */
  version: number;
  name: string;
  sql: string;
}

export const migrations: readonly Migration[] = [
  initial,
  conversations,
  tokenCorrections,
  usage,
  credentialHealth,
  programs,
  secrets,
  costs,
  programSpend,
  keptAnswers,
  tagsAndPrompts,
  parameters,
];
