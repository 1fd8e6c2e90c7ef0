import { createServer } from 'node:net';
import { type Finding, note, problem, well } from './finding.ts';

/** `sluice`: whatever listens there answers as Sluice does. */
export type PortState = 'free' | 'sluice' | 'taken' | 'refused';

/**
 * What a host does with a port: this one or none (`this`), another one where it is taken (`any`), nothing as long as a
 * person leaves it switched off (`off`).
 */
export type PortUse = 'this' | 'any' | 'off';

const ANSWER_WITHIN_MS = 1500;

/** Who has a port of this computer. Listens for a moment where nobody does, and asks for nothing but the first page. */
export async function portState(port: number): Promise<PortState> {
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(null)));
  });
  if (failure === null) return 'free';
  if (failure.code !== 'EADDRINUSE') return 'refused';
  return (await answersAsSluice(port)) ? 'sluice' : 'taken';
}

/** The description of the API where the store is open, the page where the rescue stands in its place. */
async function answersAsSluice(port: number): Promise<boolean> {
  for (const path of ['/openapi.json', '/']) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (answer.ok && (await answer.text()).slice(0, 2000).includes('Sluice')) return true;
    } catch {
      // Whatever is there does not speak HTTP, or not within its time.
      return false;
    }
  }
  return false;
}

/**
 * @param parts.isRunning a Sluice holds the data folder.
 * @param parts.use see `PortUse`.
 */
export function checkPort(parts: {
  port: number;
  name: string;
  state: PortState;
  isRunning: boolean;
  use: PortUse;
}): Finding {
  const { port, name, state, isRunning, use } = parts;
  const facts = { port, name, state };
  switch (state) {
    case 'free':
      return well('port', `Port ${port} (${name}) is free.`, facts);
    case 'sluice':
      return isRunning
        ? well('port', `Port ${port} (${name}) is in use by Sluice.`, facts)
        : note('port', `Port ${port} (${name}) is in use by a Sluice of another data folder.`, facts);
    case 'taken':
      if (use === 'any') {
        return note('port', `Port ${port} (${name}) is in use by another program; Sluice takes a free one.`, facts);
      }
      if (use === 'off') {
        return note(
          'port',
          `Port ${port} (${name}) is in use by another program. ${capitalized(name)} is switched off; choose another port before you switch it on.`,
          facts,
        );
      }
      return problem(
        'port',
        `Port ${port} (${name}) is in use by another program.`,
        'End that program, or choose another port.',
        facts,
      );
    case 'refused':
      return problem(
        'port',
        `Port ${port} (${name}) cannot be used here.`,
        'Choose another port: below 1024 the system refuses it, and some are reserved.',
        facts,
      );
  }
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
