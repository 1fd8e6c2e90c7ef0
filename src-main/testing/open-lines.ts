import { connect, type Socket } from 'node:net';

// A process that opens many connections and says nothing, or little, on them. `node open-lines.ts <port> <count> <first bytes>`.
// Tells its parent how many were opened, and when asked how many are still open.

const [port = '0', count = '0', said = ''] = process.argv.slice(2);
const AT_ONCE = 500;
const sockets: Socket[] = [];

async function open(): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      if (said !== '') socket.write(said);
      resolve();
    });
    socket.on('error', () => resolve());
    sockets.push(socket);
  });
}

for (let done = 0; done < Number(count); done += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Number(count) - done) }, open));
}
process.on('message', () => process.send?.({ open: sockets.filter((socket) => !socket.destroyed).length }));
process.on('disconnect', () => process.exit(0));
process.send?.({ opened: sockets.length });
