import { chatSchemas } from './schemas/chat-schemas.ts';
import { conversationSchemas } from './schemas/conversation-schemas.ts';
import { dataSchemas } from './schemas/data-schemas.ts';
import { keySchemas } from './schemas/key-schemas.ts';
import { providerSchemas } from './schemas/provider-schemas.ts';
import { settingsSchemas } from './schemas/settings-schemas.ts';
import { usageSchemas } from './schemas/usage-schemas.ts';

/**
 * The shape of every request, checked at the border of the main process whatever transport brought it. A value import
 * of this file is for `ipc/` and `api/` only: the renderer takes the types from `routes.ts` and carries no zod.
 */
export const routeSchemas = {
  ...chatSchemas,
  ...conversationSchemas,
  ...providerSchemas,
  ...keySchemas,
  ...settingsSchemas,
  ...usageSchemas,
  ...dataSchemas,
} as const;

export type RouteName = keyof typeof routeSchemas;

/** The control routes of a conversation: the socket's events are these names without `chat.`. */
export const CHAT_ROUTES = (Object.keys(routeSchemas) as RouteName[]).filter((route) => route.startsWith('chat.'));
