const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** JSON knows no byte order mark; Windows' tools and some servers write one before every text, and every program reads over it. */
export function withoutMark(bytes: Buffer): Buffer {
  const { length } = BYTE_ORDER_MARK;
  return bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? bytes.subarray(length) : bytes;
}
