import { expect, it } from 'vitest';
import { ServerMetrics } from './server-metrics.ts';

it('[E12] samples the main loop, which wakes the process, for those who look and nobody else', () => {
  let sampling = false;
  const metrics = new ServerMetrics(() => ({}), {
    enable: () => !sampling && (sampling = true),
    disable: () => true,
    // The pause between two samples, and 30 ms beyond it.
    percentile: () => 130_000_000,
  });
  metrics.answered('listRuns', 200, 3);
  expect(sampling).toBe(false);
  expect(metrics.text()).toContain('sluice_loop_delay_p99_seconds 0\n');
  expect(sampling).toBe(true);
  expect(metrics.text()).toMatch(/^sluice_loop_delay_p99_seconds 0\.03\d*$/m);
});
