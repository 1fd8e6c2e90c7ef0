import { isObject, type JsonObject } from '../json.ts';
import { refuse } from './translation-failure.ts';

/** Fields of a request, with errors that say where and what was expected. A JSON `null` counts as not said. */

export function textField(object: JsonObject, name: string, path: string): string | null {
  const value = object[name];
  if (value == null) return null;
  if (typeof value !== 'string') throw refuse(join(path, name), 'This must be a text.');
  return value;
}

export function neededText(object: JsonObject, name: string, path: string): string {
  const value = textField(object, name, path);
  if (value === null) throw refuse(join(path, name), 'This field is missing; it must be a text.');
  return value;
}

export function numberField(object: JsonObject, name: string, path = ''): number | null {
  const value = object[name];
  if (value == null) return null;
  if (typeof value !== 'number') throw refuse(join(path, name), 'This must be a number.');
  return value;
}

export function flagField(object: JsonObject, name: string, path = ''): boolean | null {
  const value = object[name];
  if (value == null) return null;
  if (typeof value !== 'boolean') throw refuse(join(path, name), 'This must be true or false.');
  return value;
}

export function objectField(object: JsonObject, name: string, path = ''): JsonObject | null {
  const value = object[name];
  if (value == null) return null;
  if (!isObject(value)) throw refuse(join(path, name), 'This must be an object.');
  return value;
}

/** A list of objects; empty where it is not there. */
export function objectList(object: JsonObject, name: string, path = ''): JsonObject[] {
  const value = object[name];
  if (value == null) return [];
  if (!Array.isArray(value)) throw refuse(join(path, name), 'This must be a list.');
  return (value as unknown[]).map((entry, at) => {
    if (!isObject(entry)) throw refuse(`${join(path, name)}[${at}]`, 'This must be an object.');
    return entry;
  });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
