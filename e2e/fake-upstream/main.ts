import { parseArgs } from 'node:util';
import { FakeUpstream } from './fake-upstream.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, key: { type: 'string' } } });
const fake = await FakeUpstream.start({
  port: Number(values.port),
  ...(values.key === undefined ? {} : { requireKey: values.key }),
});
process.stdout.write(`${JSON.stringify({ event: 'listening', url: fake.url })}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void fake.close().then(() => process.exit(0));
  });
}
