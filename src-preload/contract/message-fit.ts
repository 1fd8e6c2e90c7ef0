import type { RunParameters } from './model-parameters.ts';

/**
 * Why a file does not go out as it is, but as a line with its name. `no_vision`: the model is known to see no pictures. `demo`: the demo
 * looks at no files. `kind`: only pictures and text are sent. `image_size`, `text_size`: it is too large. `budget`: one message
 * carries no more.
 */
export const FILE_REASONS = ['no_vision', 'demo', 'kind', 'image_size', 'text_size', 'budget'] as const;
export type FileReason = (typeof FILE_REASONS)[number];

/** A file of a message that is being written. */
export interface DraftedFile {
  path: string;
  mediaType: string;
  isImage: boolean;
  /** Null where it is not known any more. */
  sizeBytes: number | null;
}

/** What of a message and of its conversation's parameters will not go out as it is, as far as that is known. */
export interface MessageFit {
  /** The model that was looked at; null where the service chooses. */
  model: string | null;
  parameters: RunParameters['leftOut'];
  files: readonly { path: string; reason: FileReason }[];
}
