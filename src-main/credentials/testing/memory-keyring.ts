import type { SystemKeyring } from '../../platform/host-capabilities.ts';

/** A keyring in memory that a test can lock. What it holds is copied in and out, as over a process border. */
export class MemoryKeyring implements SystemKeyring {
  readonly entries = new Map<string, Uint8Array>();
  state: 'open' | 'locked' | 'hides' = 'open';
  reads = 0;

  read(name: string): Promise<Uint8Array | null> {
    this.reads++;
    if (this.state === 'locked') return Promise.reject(new Error('The keyring is locked'));
    const known = this.state === 'hides' ? undefined : this.entries.get(name);
    return Promise.resolve(known === undefined ? null : Uint8Array.from(known));
  }

  /** As a Secret Service does: writing asks the person to unlock, and then everything is there again. */
  write(name: string, secret: Uint8Array): Promise<void> {
    if (this.state === 'locked') return Promise.reject(new Error('The keyring is locked'));
    this.state = 'open';
    this.entries.set(name, Uint8Array.from(secret));
    return Promise.resolve();
  }
}
