import { imageSize } from 'image-size';
import type { PictureSize } from './image-tokens.ts';

/** A picture's size stands near its beginning, but in a photograph a preview may come first. */
const HEADER_BYTES = 512 * 1024;

/** The size in pixels that a picture names; null for data that is cut, damaged, or of a form that nobody here knows. */
export function pictureSize(dataBase64: string): PictureSize | null {
  const head = Buffer.from(dataBase64.slice(0, Math.ceil(HEADER_BYTES / 3) * 4), 'base64');
  try {
    const { width, height } = imageSize(head);
    return { width, height };
  } catch {
    // The library throws for data that it cannot read.
    return null;
  }
}
