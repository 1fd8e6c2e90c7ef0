/** Who makes a call: the model itself. Anthropic names it with every call, and what is written for the SDKs’ types looks into it unasked. */
export const CALLER = { type: 'direct' } as const;
