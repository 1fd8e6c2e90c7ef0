import { initial } from './0001-initial.ts';
import { conversations } from './0002-conversations.ts';
import { secrets } from './0003-secrets.ts';

export interface Migration {
  /** The schema version that holds once it ran; contiguous from 1. */
  version: number;
  name: string;
  sql: string;
}

export const migrations: readonly Migration[] = [initial, conversations, secrets];
