import type { Socket } from 'node:net';
import type { Connect } from './connecting-sockets.ts';

/** The other side takes no more: it has closed its connection, or reset it. */
const TAKES_NO_MORE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/**
 * A connector whose sockets hear the other side out. An upstream that refuses a request before it has read all of it says why and
 * closes; the rest of the request then cannot be written, often before anybody looked whether an answer has arrived. A write that
 * fails so is therefore told only when everything that had arrived was read. A reset socket always comes to that end.
 */
export function hearingOut(connect: Connect): Connect {
  return (options, callback) =>
    connect(options, (...result) => {
      const [failure, socket] = result;
      if (failure === null) hearOut(socket);
      callback(...result);
    });
}

type Done = (error?: Error | null) => void;

/** Puts off what failed writes of a socket say, as above. */
export function hearOut(socket: Socket): void {
  const { _write: write, _writev: writev } = socket;
  const late =
    (done: Done): Done =>
    (error) => {
      const code = error != null && 'code' in error ? String(error.code) : '';
      if (!TAKES_NO_MORE.has(code) || socket.readableEnded) done(error);
      // Behind whoever takes the end as what it means for the answer.
      else socket.once('end', () => setImmediate(done, error));
    };
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, late(done));
  if (writev !== undefined) socket._writev = (chunks, done) => writev.call(socket, chunks, late(done));
}
