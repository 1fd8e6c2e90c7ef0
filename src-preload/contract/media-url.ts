/** Where both hosts serve files to the page; relative to the page's own origin. */
export const MEDIA_PREFIX = '/media/';

/** An attachment's path: the folder's name, and the name that every attachment gets. */
const ATTACHMENT_PATH = /[\\/]attachments[\\/]([0-9a-f]{32}(?:\.[a-z0-9]{1,12})?)$/;

/**
 * The address under which the page shows or downloads a file: the same in both hosts. An attachment goes by its name, any
 * other file by its path; whether it may be read is decided where it is served.
 *
 * @param path absolute, as content blocks and attachment records have it.
 */
export function mediaUrl(path: string): string {
  const fileName = ATTACHMENT_PATH.exec(path)?.[1];
  if (fileName !== undefined) return `${MEDIA_PREFIX}${fileName}`;
  return `${MEDIA_PREFIX}file?path=${encodeURIComponent(path.toWellFormed())}`;
}
