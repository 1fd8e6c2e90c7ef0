/**
 * Hands a text to the person as a file. A browser puts it where its downloads go; the desktop application's window asks
 * where, as Electron does for every download.
 */
export function saveFile(fileName: string, content: string, mediaType: string): void {
  saveBlob(fileName, new Blob([content], { type: `${mediaType};charset=utf-8` }));
}

/** The same for what is no text. */
export function saveBlob(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // Within the click the download has taken hold of the bytes only in some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
