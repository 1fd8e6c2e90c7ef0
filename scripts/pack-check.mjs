// npm run pack:check: packs the application for this system and looks at what is in it; scripts/pack-application.ts does it.
import { join } from 'node:path';
import { run } from './child.mjs';
import { build, ensureInstalled, projectEnv, projectNode, ROOT, runScript } from './setup.mjs';

const LONGEST_MS = 600_000;

await runScript(async () => {
  await ensureInstalled();
  await build();
  const { code } = await run(projectNode(), [join(ROOT, 'scripts', 'pack-application.ts')], {
    cwd: ROOT,
    env: projectEnv(),
    timeoutMs: LONGEST_MS,
  });
  return code;
});
