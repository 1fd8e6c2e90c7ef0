// npm run build: packages if needed, then a build whatever the last one was.
import { build, ensureInstalled, hint, runScript } from './setup.mjs';

await runScript(async () => {
  await ensureInstalled();
  await build();
  hint('Built into out/.');
  return 0;
});
