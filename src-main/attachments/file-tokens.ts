import type { ContentBlock } from '#contract/message';
import { imageTokens, type PictureRule, type PictureSize } from '../compressor/image-tokens.ts';
import { pictureSize } from '../compressor/picture-size.ts';
import type { LoadedParts, LoadPartsOptions } from './load-parts.ts';

export interface FileTokensParts {
  loadParts: (blocks: readonly ContentBlock[], options: LoadPartsOptions) => Promise<LoadedParts>;
  /** Whether a file at that path is never changed: then it is read once. */
  isOwn: (path: string) => boolean;
  countTokens: (texts: readonly string[], model: string | null, signal: AbortSignal) => Promise<number[]>;
}

export interface FileTokensQuestion {
  workspace: string | null;
  model: string | null;
  pictures: PictureRule;
  signal: AbortSignal;
}

type Attachment = Exclude<ContentBlock, { type: 'text' }>;
type Measured = { textTokens: number; picture: PictureSize | 'unknown' | null };

const FILE_BYTES = 20 * 1024 * 1024;
const MOST_KNOWN = 2000;

/** Knows what files cost a model beside the text of their message. Files of its own folder are read once. */
export class FileTokens {
  readonly #parts: FileTokensParts;
  /** In order of use, the longest unused first. */
  readonly #known = new Map<string, Measured>();

  constructor(parts: FileTokensParts) {
    this.#parts = parts;
  }

  /** Tokens of all files of a message. What cannot be read costs the line that says so. @throws the signal's reason. */
  async count(blocks: readonly ContentBlock[], question: FileTokensQuestion): Promise<number> {
    let total = 0;
    for (const block of blocks) {
      if (block.type === 'text') continue;
      const { textTokens, picture } = await this.#measure(block, question);
      const size = picture === 'unknown' ? null : picture;
      total += textTokens + (picture === null ? 0 : imageTokens(size, question.pictures));
    }
    return total;
  }

  async #measure(block: Attachment, { workspace, model, signal }: FileTokensQuestion): Promise<Measured> {
    const key = JSON.stringify([block.type, block.path, block.name, model]);
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const loaded = await this.#parts.loadParts([block], { budgetBytes: FILE_BYTES, signal, workspace });
    const [textTokens = 0] = await this.#parts.countTokens([loaded.content], model, signal);
    const image = loaded.parts?.find((part) => part.type === 'image');
    const measured = {
      textTokens,
      picture: image === undefined ? null : (pictureSize(image.dataBase64) ?? ('unknown' as const)),
    };
    // A file that could not be read may be readable the next time.
    if (this.#parts.isOwn(block.path) && loaded.usedBytes > 0) {
      this.#known.set(key, measured);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    }
    return measured;
  }
}
