import { z } from 'zod';

/** The files of a message, as it names them. */
export const imageBlock = z.strictObject({
  type: z.literal('image'),
  name: z.string().max(1024),
  path: z.string().max(4096),
  media_type: z.string().max(128),
});

export const fileBlock = z.strictObject({
  type: z.literal('file'),
  name: z.string().max(1024),
  path: z.string().max(4096),
  media_type: z.string().max(128).exactOptional(),
});
