import { Agent, request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The floor of the relay bench: the least that a pass-through in this runtime can be. No key, no books, no reading.

const target = new URL(process.env['BENCH_UPSTREAM'] ?? '');
const agent = new Agent({ keepAlive: true });
const server = createServer((request, response) => {
  const { method, url, headers } = request;
  const up = ask({ agent, host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  up.on('error', () => response.destroy());
  response.on('close', () => up.destroy());
  request.pipe(up);
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.on('SIGTERM', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
