import type { ShortcutChoices } from './commands.ts';
import type { QuickKeys, QuitChoice } from './desktop.ts';
import type { LogDetail } from './diagnostics.ts';
import type { LanguageChoice } from './locale.ts';
import type { UpdateChannel, UpdateChecks } from './updates.ts';

/** Sizes of text in percent of the browser's own; all of the page's measures follow. */
export const TEXT_SIZES = [87.5, 93.75, 100, 112.5, 125, 137.5, 150] as const;

export type TextSize = (typeof TEXT_SIZES)[number];

/** Settings that a person can change, with what holds until they do. One flat record, one owner. */
export interface Settings {
  /** The profile of a session that names none. */
  defaultProfile: string;
  theme: 'system' | 'light' | 'dark';
  language: LanguageChoice;
  /** In percent; one of `TEXT_SIZES`. */
  textSize: TextSize;
  /** Nothing moves by itself, whatever the system says. */
  reduceMotion: boolean;
  /** What commands are bound to where that is not what they come with. */
  shortcuts: ShortcutChoices;
  /** Stop also pauses the queue, so that nothing else starts by itself. */
  stopPausesQueue: boolean;
  /** Every failure pauses the queue, and not only those that all waiting messages would meet. */
  pauseQueueOnFailure: boolean;
  /** What every model is told first; empty for Sluice's own text. */
  systemPrompt: string;
  /** The system tells when an answer is ready while the window is out of sight. */
  notifyWhenDone: boolean;
  /** Long conversations are summarised before they outgrow their model. */
  compressionEnabled: boolean;
  /** Share of the model's window beyond which that happens. */
  compressionThreshold: number;
  /** Number of messages beyond which it happens all the same; 0 switches this rule off. */
  compressionMaxMessages: number;
  /** Newest messages that are always sent as they are. */
  compressionTailMessages: number;
  /** Who summarises; empty for the conversation's own profile and model. */
  summaryProfile: string;
  summaryModel: string;
  /** Longest wait for an upstream's response headers, in milliseconds. */
  headersTimeoutMs: number;
  /** Longest silence within a stream, in milliseconds. Hermes sends a keep-alive every 30 s; this is twice that. */
  idleTimeoutMs: number;
  /** Longest whole call, in milliseconds. */
  totalTimeoutMs: number;
  maxQueuePerSession: number;
  /** Runs at once over all sessions; 0 means no limit. */
  maxConcurrentRuns: number;
  /** Keys by their priority, or the one with the fewest requests under way. */
  credentialMode: 'priority' | 'balanced';
  /** Requests that may wait for a key of one profile. */
  credentialQueueLimit: number;
  /** Longest wait for a key while all are busy, in milliseconds. */
  credentialQueueWaitMs: number;
  /** Longest wait for a key while all rest, in milliseconds. */
  credentialRestWaitMs: number;
  /** Goes beyond the limits of keys rather than wait. */
  credentialOverflow: boolean;
  /** Requests under way over all upstreams; 0 means no limit. */
  maxRequestsInFlight: number;
  /** Keys rest after failures that pass. A suspicion of abuse stops them in any case. */
  cooldownsEnabled: boolean;
  /** How long a key rests where the provider names no time, in milliseconds. */
  rateLimitCooldownMs: number;
  timeoutCooldownMs: number;
  upstreamErrorCooldownMs: number;
  overageCooldownMs: number;
  suspiciousCooldownMs: number;
  /** Estimates how much of a request a provider's cache could reuse. It enters no figure of usage. */
  prefixHintsEnabled: boolean;
  /** How long a prefix is thought to be kept, in milliseconds. */
  prefixTtlMs: number;
  /** Shortest prefix that is thought to be kept, in tokens; 0 for what is known of the model's family. */
  prefixMinTokens: number;
  /** Conversations whose last prefix is remembered. */
  prefixCapacity: number;
  /** The desktop application lets other programs on this computer in. The headless host always does. */
  localApiEnabled: boolean;
  localApiPort: number;
  /** Who answers a program that names a model alone, by the protocol that it speaks; empty for the default profile. */
  messagesProfile: string;
  completionsProfile: string;
  responsesProfile: string;
  /** Names that programs may use for a model, and what each stands for: `<model>` or `<profile>/<model>`. */
  modelAliases: Record<string, string>;
  logDetail: LogDetail;
  /** Closing the window leaves Sluice in the tray, from where it comes back. Desktop application only, as all below. */
  closeToTray: boolean;
  /** Keys that call Sluice with a new conversation from anywhere; null for none. */
  quickKeys: QuickKeys | null;
  openAtLogin: boolean;
  /** `auto`: where the system brings its dictionaries. Elsewhere one is fetched from the network, so it is asked for. */
  spellCheck: 'auto' | 'on' | 'off';
  /** What a quit does while answers are being made. */
  quitWhileBusy: QuitChoice;
  /** Whether new versions are looked for by themselves, and among which. */
  updateChecks: UpdateChecks;
  updateChannel: UpdateChannel;
}

export const DEFAULT_SETTINGS: Settings = {
  defaultProfile: 'demo',
  theme: 'system',
  language: 'system',
  textSize: 100,
  reduceMotion: false,
  shortcuts: {},
  stopPausesQueue: false,
  pauseQueueOnFailure: false,
  systemPrompt: '',
  notifyWhenDone: true,
  compressionEnabled: true,
  compressionThreshold: 0.5,
  compressionMaxMessages: 200,
  compressionTailMessages: 20,
  summaryProfile: '',
  summaryModel: '',
  headersTimeoutMs: 120_000,
  idleTimeoutMs: 60_000,
  totalTimeoutMs: 3_600_000,
  maxQueuePerSession: 50,
  maxConcurrentRuns: 0,
  credentialMode: 'priority',
  credentialQueueLimit: 100,
  credentialQueueWaitMs: 60_000,
  credentialRestWaitMs: 60_000,
  credentialOverflow: false,
  maxRequestsInFlight: 0,
  cooldownsEnabled: true,
  rateLimitCooldownMs: 120_000,
  timeoutCooldownMs: 30_000,
  upstreamErrorCooldownMs: 30_000,
  overageCooldownMs: 600_000,
  suspiciousCooldownMs: 300_000,
  prefixHintsEnabled: false,
  prefixTtlMs: 300_000,
  prefixMinTokens: 0,
  prefixCapacity: 1024,
  localApiEnabled: false,
  localApiPort: 47821,
  messagesProfile: '',
  completionsProfile: '',
  responsesProfile: '',
  modelAliases: {},
  logDetail: 'normal',
  closeToTray: false,
  quickKeys: null,
  openAtLogin: false,
  spellCheck: 'auto',
  quitWhileBusy: 'ask',
  updateChecks: 'unasked',
  updateChannel: 'stable',
};
