/** How much goes into one request. The schemas hold requests to it, and a page may ask before it sends. */

/** Longest message, in UTF-16 units. In UTF-8 that is at most 6 MB, below the socket's 8 MiB packet limit. */
export const MAX_INPUT_CHARS = 2_000_000;
/** One page of a conversation. */
export const PAGE_LIMIT = 500;
/** One piece of an upload: 1 MiB of file is 1.4 MB of Base64. */
export const ATTACHMENT_CHUNK_BYTES = 1024 * 1024;
/** E6-08. */
export const MAX_ATTACHMENT_BYTES = 50 * 1024 * 1024;
