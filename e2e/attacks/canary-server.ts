import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of another origin that counts who comes. Nobody may. */
export interface Canary {
  readonly address: string;
  /** Every request line since the start. */
  readonly hits: string[];
  /** Answers this page to whoever asks for it; that is no hit. */
  serve(path: string, html: string): void;
  close(): Promise<void>;
}

export async function startCanary(): Promise<Canary> {
  const hits: string[] = [];
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    if (page === undefined) {
      // A browser asks for it when a person opens a page of this server; no attack does.
      if (request.url !== '/favicon.ico') hits.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  server.on('upgrade', (request, socket) => {
    hits.push(`UPGRADE ${request.url ?? ''}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    hits,
    serve: (path, html) => void pages.set(path, html),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
