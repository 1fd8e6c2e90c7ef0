import { randomBytes } from 'node:crypto';
import { cutText } from '#contract/message';

/** What common file systems take as one name, in UTF-16 units; also enough for any dialog. */
const MAX_NAME_CHARS = 255;
/** The longest ending that is looked at, without its dot. */
const MAX_EXTENSION_CHARS = 12;

/** Line breaks and other control characters; marks that turn the reading direction, so that `gpj.exe` reads as `exe.jpg`. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

const STORED_NAME = /^[0-9a-f]{32}(\.[a-z0-9]{1,12})?$/;
const PART_NAME = /^[0-9a-f]{32}\.part$/;

/**
 * The name that a person knows a file by, fit to be shown and logged on one line: the last part of a path, without
 * invisible characters, at most 255 UTF-16 units with its ending kept. Never empty.
 */
export function displayName(given: string): string {
  const last = given.toWellFormed().split(/[\\/]/).at(-1) ?? '';
  const clean = last.replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
  if (/^\.*$/.test(clean)) return 'file';
  if (clean.length <= MAX_NAME_CHARS) return clean;
  const extension = extensionOf(clean);
  const ending = extension === '' ? '' : `.${extension}`;
  return cutText(clean, MAX_NAME_CHARS - ending.length) + ending;
}

/** The ending that a name claims, in small letters and without its dot; empty where there is none to speak of. */
export function extensionOf(given: string): string {
  const match = /[^./\\]\.([a-z0-9]+)$/i.exec(given.replace(INVISIBLE, '').trim());
  const extension = match?.[1]?.toLowerCase() ?? '';
  return extension.length > MAX_EXTENSION_CHARS ? '' : extension;
}

/** 128 random bits: the name under which a file lies on disk says nothing about it and meets no other. */
export function randomStem(): string {
  return randomBytes(16).toString('hex');
}

/** Whether a name can be one that Sluice gave to a finished file. It holds no separator and no `..`. */
export function isStoredName(fileName: string): boolean {
  return STORED_NAME.test(fileName) && !PART_NAME.test(fileName);
}

/** Whether a name is that of a file that was still arriving. */
export function isPartName(fileName: string): boolean {
  return PART_NAME.test(fileName);
}

/** The name of a file while it arrives. */
export function partName(stem: string): string {
  return `${stem}.part`;
}
