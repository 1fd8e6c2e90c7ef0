export type WireProtocol = 'anthropic-messages' | 'openai-chat' | 'openai-responses';
