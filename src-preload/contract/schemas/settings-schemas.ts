import { z } from 'zod';
import { areBindable, COMMAND_IDS } from '../commands.ts';
import { QUICK_KEYS, QUIT_CHOICES } from '../desktop.ts';
import { LOG_DETAILS } from '../diagnostics.ts';
import { LOCALES } from '../locale.ts';
import { TEXT_SIZES } from '../settings.ts';
import { UPDATE_CHANNELS, UPDATE_CHECKS } from '../updates.ts';
import { id, MAX_NAME_CHARS, name, optionalText, path, refusal } from './schema-fields.ts';

/** Empty for the default one. */
const optionalName = z.string().trim().max(MAX_NAME_CHARS);
/** E10-26. */
const cooldownMs = z.int().min(1000).max(7_200_000);

/** What a person set, and what the application itself is asked. */
export const settingsSchemas = {
  'settings.get': z.strictObject({}),
  'settings.set': z.strictObject({
    values: z
      .strictObject({
        defaultProfile: name,
        theme: z.enum(['system', 'light', 'dark']),
        language: z.enum(['system', ...LOCALES]),
        textSize: z.literal(TEXT_SIZES),
        reduceMotion: z.boolean(),
        shortcuts: z.partialRecord(
          z.enum(COMMAND_IDS),
          z.string().max(40).refine(areBindable, refusal('why_unbound')).nullable(),
        ),
        stopPausesQueue: z.boolean(),
        pauseQueueOnFailure: z.boolean(),
        systemPrompt: optionalText,
        notifyWhenDone: z.boolean(),
        compressionEnabled: z.boolean(),
        compressionThreshold: z.number().min(0.05).max(0.95),
        compressionMaxMessages: z.int().min(0).max(100_000),
        compressionTailMessages: z.int().min(0).max(500),
        summaryProfile: z.string().max(MAX_NAME_CHARS),
        summaryModel: z.string().max(MAX_NAME_CHARS),
        headersTimeoutMs: z.int().min(1000).max(3_600_000),
        idleTimeoutMs: z.int().min(1000).max(3_600_000),
        totalTimeoutMs: z.int().min(1000).max(86_400_000),
        maxQueuePerSession: z.int().min(1).max(1000),
        maxConcurrentRuns: z.int().min(0).max(10_000),
        credentialMode: z.enum(['priority', 'balanced']),
        credentialQueueLimit: z.int().min(0).max(1000),
        credentialQueueWaitMs: z.int().min(1000).max(600_000),
        credentialRestWaitMs: z.int().min(3000).max(120_000),
        credentialOverflow: z.boolean(),
        maxRequestsInFlight: z.int().min(0).max(10_000),
        cooldownsEnabled: z.boolean(),
        rateLimitCooldownMs: cooldownMs,
        timeoutCooldownMs: cooldownMs,
        upstreamErrorCooldownMs: cooldownMs,
        overageCooldownMs: cooldownMs,
        suspiciousCooldownMs: cooldownMs,
        prefixHintsEnabled: z.boolean(),
        prefixTtlMs: z.int().min(10_000).max(86_400_000),
        prefixMinTokens: z.int().min(0).max(1_000_000),
        prefixCapacity: z.int().min(1).max(65_536),
        localApiEnabled: z.boolean(),
        localApiPort: z.int().min(1024).max(65_535),
        messagesProfile: optionalName,
        completionsProfile: optionalName,
        responsesProfile: optionalName,
        modelAliases: z.record(z.string().trim().min(1).max(200), z.string().trim().min(1).max(400)),
        logDetail: z.enum(LOG_DETAILS),
        closeToTray: z.boolean(),
        quickKeys: z.enum(QUICK_KEYS).nullable(),
        openAtLogin: z.boolean(),
        spellCheck: z.enum(['auto', 'on', 'off']),
        quitWhileBusy: z.enum(QUIT_CHOICES),
        updateChecks: z.enum(UPDATE_CHECKS),
        updateChannel: z.enum(UPDATE_CHANNELS),
      })
      .partial(),
  }),
  'app.info': z.strictObject({}),
  /** Opens the system's folder dialog, where the host has one. */
  'app.choose_folder': z.strictObject({ title: z.string().max(200).exactOptional() }),
  /** Whether a conversation could work in a folder; refused with the reason, as the conversation's first message would be. */
  'app.check_folder': z.strictObject({ path }),
  /** What the system made of the wishes about tray, keys and login; null where the host is no desktop application. */
  'app.desktop': z.strictObject({}),
  /** How it stands with new versions; `way` says how this host gets one. */
  'updates.state': z.strictObject({}),
  /** Asks for the newest version, once. `updates.changed` tells what came of it, as of all below. */
  'updates.check': z.strictObject({}),
  /** Fetches the version that was found; an older one than this only where `older` says so. */
  'updates.download': z.strictObject({ older: z.boolean().default(false) }),
  'updates.cancel': z.strictObject({}),
  /** Makes a backup, ends Sluice and installs what was fetched. Running answers are asked about first. */
  'updates.install': z.strictObject({}),
  /** Hands a `sluice:` link in. It waits for a person; what cannot be taken waits as a refusal. */
  'links.offer': z.strictObject({ address: z.string().max(1_000_000) }),
  'links.pending': z.strictObject({}),
  /** A person's answer. `accept` of a refusal only takes it away. */
  'links.answer': z.strictObject({ id, accept: z.boolean() }),
} as const;
