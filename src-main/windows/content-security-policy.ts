import { framePolicy, frameSource } from '#contract/frame-url';
import { TRUSTED_TYPES } from '#contract/page-headers';

const ORIGINS = ['app://sluice'];

/** What a frame of the page may do: draw, and nothing else. */
export const FRAME_POLICY = framePolicy(ORIGINS);

/**
 * What the window's page may load: its own files and nothing else. No inline script or style, no plug-in, no other
 * address, no frame but those that draw; everything from outside comes through the main process as data.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  frameSource(ORIGINS),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  ...TRUSTED_TYPES,
].join('; ');
