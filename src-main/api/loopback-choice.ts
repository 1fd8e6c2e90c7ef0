import { AppFailure } from '../platform/app-failure.ts';
import { type LoopbackOptions, type LoopbackServer, startLoopbackServer } from './loopback-server.ts';

export interface LoopbackChoice {
  token: string;
  port: number;
  /** Takes any free port when the wanted one is taken; for a port that nobody asked for by name. */
  anyPortWhenTaken: boolean;
  rendererDir: string | null;
}

/** Starts the server where it was chosen to be. @throws AppFailure `conflict` when a port asked for by name is taken. */
export async function listen(
  choice: LoopbackChoice,
  parts: Pick<LoopbackOptions, 'router' | 'logger' | 'attachments' | 'door' | 'throttle'>,
): Promise<LoopbackServer> {
  const start = (port: number) =>
    startLoopbackServer({ ...parts, token: choice.token, port, rendererDir: choice.rendererDir });
  try {
    return await start(choice.port);
  } catch (thrown) {
    const taken = thrown instanceof AppFailure && thrown.code === 'conflict';
    if (!taken || !choice.anyPortWhenTaken) throw thrown;
    return start(0);
  }
}
