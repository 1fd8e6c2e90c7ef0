import { failureOf } from '../../platform/app-failure.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Buffer.from reads anything as Base64 and leaves out what it does not understand; a file would lose bytes that way. */
export function decodeBase64(data: string): Buffer {
  const bytes = Buffer.from(data, 'base64');
  if (data.length % 4 !== 0 || !BASE64.test(data) || bytes.length !== Buffer.byteLength(data, 'base64')) {
    throw failureOf('invalid_payload', { word: 'piece_no_base64' });
  }
  return bytes;
}
