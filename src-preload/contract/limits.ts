/** How much goes into one request. The schemas hold requests to it, and a page may ask before it sends. */

/** Longest message, in UTF-16 units. In UTF-8 that is at most 6 MB, below the socket's 8 MiB packet limit. */
export const MAX_INPUT_CHARS = 2_000_000;
/** One page of a conversation. */
export const PAGE_LIMIT = 500;
/** One piece of an upload: 1 MiB of file is 1.4 MB of Base64. */
export const ATTACHMENT_CHUNK_BYTES = 1024 * 1024;
/** E6-08. */
export const MAX_ATTACHMENT_BYTES = 50 * 1024 * 1024;
/**
 * The longest file that is read as text: by a model, and on the page. Some 260,000 tokens: a long paste becomes a file, and has to
 * reach the model as it would from the field; more text than that fits few models and belongs to a tool that reads files.
 */
export const MAX_TEXT_FILE_BYTES = 1024 * 1024;
