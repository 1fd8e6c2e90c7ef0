import { expect, it } from 'vitest';
import { secretDigest } from './constant-time.ts';
import { PresentedDigests } from './presented-digests.ts';

it('[E1-09] a digest is that of the key that is shown, whatever the connection showed before', () => {
  const digests = new PresentedDigests();
  const [one, other] = [{}, {}];
  const shown: [object, string][] = [
    [one, 'sluice_right'],
    [one, 'sluice_right'],
    [one, 'sluice_wrong'],
    [other, 'sluice_right'],
    [one, 'sluice_right'],
    [other, ''],
  ];
  for (const [connection, presented] of shown) {
    expect(digests.of(connection, presented).equals(secretDigest(presented))).toBe(true);
  }
});
