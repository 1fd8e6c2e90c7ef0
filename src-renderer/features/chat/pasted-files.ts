/** The name that a browser gives to a picture in the clipboard that is no file. */
const BARE_PICTURE = /^image\.(png|jpe?g|tiff?|bmp)$/i;

/**
 * Which files a paste means. Office programs put a picture of the copied text beside the text; then the text is meant.
 */
export function pastedFiles<Source extends { name: string }>(files: readonly Source[], text: string): Source[] {
  const isPictureOfText = text.trim() !== '' && files.every((file) => BARE_PICTURE.test(file.name));
  return isPictureOfText ? [] : [...files];
}
