/** Rows of one page of a conversation (A.9). */
export const PAGE_ROWS = 500;
