import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { TEST_TLS } from './test-certificate.ts';

export interface TestProxyOptions {
  user?: string;
  password?: string;
  /** Says nothing at this step: to whoever connects, or to whoever asks for a tunnel. */
  stalls?: boolean;
  /** Answers every request with this status of its own. SOCKS: with this reply code. */
  refuses?: number;
}

/** A real proxy on 127.0.0.1. Whatever host it is asked for, it connects to this computer, so that names can be made up. */
export interface TestProxy {
  url: string;
  /** What it was asked for: `CONNECT host:port`, `POST http://…`, `SOCKS host:port`. */
  asked: string[];
  /** Every header line that it saw itself, outside of tunnels. */
  headers: Record<string, unknown>[];
  /** Connections of clients that are open now. */
  open(): number;
  close(): Promise<void>;
}

export async function startHttpProxy(options: TestProxyOptions & { tls?: boolean } = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const headers: Record<string, unknown>[] = [];
  const wanted = Buffer.from(`${options.user ?? ''}:${options.password ?? ''}`).toString('base64');
  const isKnown = (message: IncomingMessage) =>
    options.user === undefined || message.headers['proxy-authorization'] === `Basic ${wanted}`;
  const onRequest = (message: IncomingMessage, response: ServerResponse) => {
    asked.push(`${message.method ?? ''} ${message.url ?? ''}`);
    headers.push(message.headers);
    if (options.stalls === true) return;
    const status = isKnown(message) ? options.refuses : 407;
    if (status !== undefined) {
      response.writeHead(status, { 'proxy-status': 'test-proxy; error=connection_refused' }).end('no');
      return;
    }
    const url = new URL(message.url ?? '');
    const { 'proxy-authorization': _, ...passedOn } = message.headers;
    const onward = request(
      { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method: message.method, headers: passedOn },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    message.pipe(onward);
  };
  const server = options.tls === true ? createTlsServer(TEST_TLS, onRequest) : createServer(onRequest);
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${message.url ?? ''}`);
    headers.push(message.headers);
    socket.on('error', () => socket.destroy());
    if (options.stalls === true) {
      socket.resume();
      return;
    }
    const status = isKnown(message) ? options.refuses : 407;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const port = Number(/:(\d+)$/.exec(message.url ?? '')?.[1]);
    tunnel(socket, port, () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'));
  });
  return listen(server, options.tls === true ? 'https' : 'http', asked, headers);
}

export async function startSocksProxy(options: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createNetServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (options.stalls === true) {
      // Without a reader, a socket does not notice that its other end has gone.
      socket.resume();
      return;
    }
    let step: 'greeting' | 'password' | 'request' = 'greeting';
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (step === 'greeting' && bytes.length >= 2 + (bytes[1] ?? 0)) {
        const offered = bytes.subarray(2, 2 + (bytes[1] ?? 0));
        bytes = bytes.subarray(2 + (bytes[1] ?? 0));
        const method = options.user === undefined ? 0 : 2;
        step = method === 2 ? 'password' : 'request';
        if (offered.includes(method)) socket.write(Buffer.from([5, method]));
        else socket.end(Buffer.from([5, 0xff]));
      }
      if (step === 'password' && bytes.length >= 2) {
        const userLength = bytes[1] ?? 0;
        const passwordLength = bytes[2 + userLength] ?? 0;
        if (bytes.length < 3 + userLength + passwordLength) return;
        const user = bytes.subarray(2, 2 + userLength).toString();
        const password = bytes.subarray(3 + userLength, 3 + userLength + passwordLength).toString();
        bytes = bytes.subarray(3 + userLength + passwordLength);
        step = 'request';
        const isRight = user === options.user && password === options.password;
        if (isRight) socket.write(Buffer.from([1, 0]));
        else socket.end(Buffer.from([1, 1]));
        return;
      }
      if (step === 'request' && bytes.length >= 5) {
        const { host, end } = readAddress(bytes);
        if (bytes.length < end + 2) return;
        const port = bytes.readUInt16BE(end);
        asked.push(`SOCKS ${host}:${port}`);
        socket.removeListener('data', onData);
        const reply = (code: number) => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
        if (options.refuses !== undefined) socket.end(reply(options.refuses));
        else tunnel(socket, port, () => socket.write(reply(0)));
      }
    };
    socket.on('data', onData);
  });
  return listen(server, 'socks5', asked, []);
}

function readAddress(bytes: Buffer): { host: string; end: number } {
  switch (bytes[3]) {
    case 1:
      return { host: [...bytes.subarray(4, 8)].join('.'), end: 8 };
    case 3:
      return { host: bytes.subarray(5, 5 + (bytes[4] ?? 0)).toString(), end: 5 + (bytes[4] ?? 0) };
    default:
      return { host: '[ipv6]', end: 20 };
  }
}

function tunnel(socket: Socket, port: number, opened: () => void): void {
  const onward = connect({ host: '127.0.0.1', port });
  onward.on('connect', () => {
    opened();
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on('error', () => socket.destroy());
  onward.on('close', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}

async function listen(
  server: Server,
  scheme: string,
  asked: string[],
  headers: Record<string, unknown>[],
): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    headers,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
