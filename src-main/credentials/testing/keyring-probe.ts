// Run as a program by system-keyring.integration.test.ts, within a D-Bus session of its own:
// node keyring-probe.ts <data directory> [<key to add>]. Prints one line of JSON.

import { AppFailure } from '../../platform/app-failure.ts';
import { systemClock } from '../../platform/clock.ts';
import { dataPaths } from '../../platform/paths.ts';
import { openStore } from '../../store/store.ts';
import { systemKeyring } from '../system-keyring.ts';
import { openTestPool } from './open-test-pool.ts';

const [dir = '', secret] = process.argv.slice(2);
const ORIGIN = 'https://api.example.com';
const store = openStore(dataPaths(dir), { clock: systemClock });
const newId = () => `id-${process.pid}-${Math.random()}`;
const { pool, keeper, secrets } = await openTestPool({
  store,
  clock: systemClock,
  newId,
  host: { cipher: null, keyring: systemKeyring() },
});
if (secret !== undefined) {
  store.profiles.insert({
    id: 'p',
    name: 'p',
    kind: 'anthropic',
    base_url: ORIGIN,
    default_model: null,
    context_length: null,
    created_at_ms: 0,
    updated_at_ms: 0,
  });
  await pool.records.create({ profileId: 'p', origin: ORIGIN, label: 'mine', secret });
}
await secrets.openAll();
const lease = await pool.lease({ profileId: 'p', origin: ORIGIN }).catch((thrown: unknown) => {
  if (thrown instanceof AppFailure) return thrown.code;
  throw thrown;
});
process.stdout.write(
  `${JSON.stringify({
    state: keeper.state,
    kind: keeper.cipherKind?.split(':')[0] ?? null,
    storage: pool.records.list().map((each) => each.storage),
    secret: typeof lease === 'string' ? lease : (lease?.secret ?? null),
    problem: keeper.problem,
  })}\n`,
);
store.close();
