/**
 * Turns a secret into bytes that may lie on a disk, and back. `kind` is stored beside each secret, so that one written by
 * another host is recognised and asked for again instead of being misread.
 */
export interface SecretCipher {
  readonly kind: string;
  /** @throws AppFailure `secrets_locked` when the key behind the cipher cannot be reached. */
  seal(plain: string): Promise<Uint8Array>;
  /** @throws AppFailure `secrets_locked` for bytes that this cipher cannot open. */
  open(sealed: Uint8Array): Promise<string>;
}

/** What the system is to say while nobody looks at the window. */
export interface Notice {
  /** The conversation's name; nothing else of it is ever told. */
  title: string;
  /** What happened, one sentence. */
  body: string;
  sessionId: string;
}

/** What only the host can offer. The core asks for it here and never imports Electron. */
export interface HostCapabilities {
  /** Null where nothing can keep a secret: keys then stay in memory, and the window says so. */
  cipher: SecretCipher | null;
  /**
   * Asks the person for a folder with the system's own dialog. Absent where the host has none.
   *
   * @returns its absolute path, or null when the person chose none.
   */
  chooseFolder?: (title: string) => Promise<string | null>;
  /** Has the system tell something. Absent where the host cannot, or where the system does not show it. */
  notify?: (notice: Notice) => void;
}
