import type { DesktopState } from '#contract/desktop';
import type { UpdateState } from '#contract/updates';

/**
 * Turns a secret into bytes that may lie on a disk, and back. `kind` is stored beside each secret, so that one written by
 * another host is recognised and asked for again instead of being misread.
 */
export interface SecretCipher {
  readonly kind: string;
  /**
   * @param binding what the secret belongs to (its row and its origin); the bytes open with the same text only, so that
   *   they are worth nothing in another row.
   * @throws AppFailure `secrets_locked` when the key behind the cipher cannot be reached.
   */
  seal(plain: string, binding: string): Promise<Uint8Array>;
  /** @throws AppFailure `secrets_locked` for bytes that this cipher cannot open, or that belong elsewhere. */
  open(sealed: Uint8Array, binding: string): Promise<string>;
}

/** The system's keyring, as far as a host without Electron has one. */
export interface SystemKeyring {
  /** @returns null when it holds nothing of that name. Rejects when it is locked or there is none. */
  read(name: string): Promise<Uint8Array | null>;
  /** Rejects when it is locked or there is none. */
  write(name: string, secret: Uint8Array): Promise<void>;
}

/** What the system is to say while nobody looks at the window. */
export interface Notice {
  /** The conversation's name; nothing else of it is ever told. */
  title: string;
  /** What happened, one sentence. */
  body: string;
  sessionId: string;
}

/** New versions of the application, where the host is one that is installed. What a step came to is told to the followers. */
export interface HostUpdates {
  state(): UpdateState;
  /** Tells each change until the signal is aborted. */
  follow(listener: (state: UpdateState) => void, signal: AbortSignal): void;
  /** Looks for a new version. @throws AppFailure `conflict`, `unsupported_option`, as all below. */
  check(): void;
  /** Fetches the version that was found. `older` has to be true for one that is older than this. */
  download(older: boolean): void;
  /** Stops a download; what is there is kept for the next try. */
  cancel(): void;
  /** Ends the application and puts what was fetched in its place, once all who have to agree agreed. */
  install(): void;
}

/** What only the host can offer. The core asks for it here and never imports Electron. */
export interface HostCapabilities {
  /** The host's own cipher. Null where it has none: then the keyring or a vault takes its place. */
  cipher: SecretCipher | null;
  /** A keyring that the core may keep a key in. Absent where the host offers none, or has a cipher of its own. */
  keyring?: SystemKeyring;
  /** A passphrase that was given at the start; it goes before every keyring, because it is a person's own choice. */
  vaultPassphrase?: string;
  /**
   * Asks the person for a folder with the system's own dialog. Absent where the host has none.
   *
   * @returns its absolute path, or null when the person chose none.
   */
  chooseFolder?: (title: string) => Promise<string | null>;
  /** Shows a file or folder in the system's file manager. Absent where the host cannot. */
  showInFolder?: (path: string) => void;
  /** Has the system tell something. Absent where the host cannot, or where the system does not show it. */
  notify?: (notice: Notice) => void;
  /** What the system made of the wishes about tray, keys and login. Absent where the host is no desktop application. */
  desktop?: () => DesktopState;
  /** New versions. Absent where the host is not installed as an application. */
  updates?: HostUpdates;
}
