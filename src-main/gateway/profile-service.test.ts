import { expect, it } from 'vitest';
import { openTestPool } from '../credentials/testing/open-test-pool.ts';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { ProfileService } from './profile-service.ts';

it('[BUG-A35] [E9-02] what a person set for an upstream stays, whatever else is changed and however often a start looks', async () => {
  const clock = new ManualClock();
  const newId = countingIds();
  const store = openStore(dataPaths(tempDir()), { clock });
  const profiles = new ProfileService({ store, clock, newId });
  const { pool } = await openTestPool({ store, clock, newId });
  await profiles.ensureDemo();
  const address = 'http://127.0.0.1:8642';
  const agent = await profiles.create({ name: 'agent', kind: 'hermes', baseUrl: address, defaultModel: 'own' });
  const key = await pool.records.create({
    profileId: agent.id,
    label: 'mine',
    secret: 'sk-0123456789abcdef0123',
    origin: address,
  });
  await profiles.update(agent.id, { contextLength: 64_000 });
  await profiles.update(agent.id, { defaultModel: null });
  for (let start = 0; start < 3; start++) await profiles.ensureDemo();
  expect(profiles.require(agent.id)).toMatchObject({ baseUrl: address, contextLength: 64_000, defaultModel: null });
  await expect(
    pool.records.create({ profileId: agent.id, label: 'empty', secret: '  ', origin: address }),
  ).rejects.toMatchObject({ code: 'invalid_payload' });
  expect((await pool.lease({ profileId: agent.id, origin: address }))?.credentialId).toBe(key.id);
  store.close();
});
