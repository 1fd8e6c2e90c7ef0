// npm run e2e: the end-to-end tests in the host that this machine has. Further arguments go to Playwright.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOrInstallBrowser } from './browser.mjs';
import { chooseE2eHost } from './e2e-host.mjs';
import { findElectron, hasDisplay } from './electron-binary.mjs';
import { projectEnv, REPORTS, runScript, runTool, SetupError, setUp } from './setup.mjs';

await runScript(async () => {
  mkdirSync(REPORTS, { recursive: true });
  const report = join(REPORTS, 'e2e.json');
  const hostReport = join(REPORTS, 'e2e-host.json');
  rmSync(report, { force: true });
  rmSync(hostReport, { force: true });
  const binary = findElectron();
  const choice = chooseE2eHost({ wanted: process.env['E2E_HOST'], display: hasDisplay(), binary: binary !== null });
  if ('problem' in choice) throw new SetupError(choice.problem);
  const node = await setUp();
  process.stdout.write(`E2E host: ${choice.host} (${choice.reason})\n`);
  writeFileSync(hostReport, `${JSON.stringify(choice)}\n`);
  /** @type {NodeJS.ProcessEnv} */
  const extra = { SLUICE_E2E_HOST: choice.host, SLUICE_E2E_NODE: node, SLUICE_E2E_REPORT: report };
  if (choice.host === 'electron' && binary !== null) extra['ELECTRON_EXEC_PATH'] = binary;
  else {
    const browser = await findOrInstallBrowser();
    if ('problem' in browser) throw new SetupError(browser.problem);
    extra['CHROMIUM_PATH'] = browser.path;
  }
  const cli = join('@playwright', 'test', 'cli.js');
  const args = ['test', '--config', join('e2e', 'playwright.config.ts'), ...process.argv.slice(2)];
  const { code } = await runTool(cli, args, { env: projectEnv(extra) });
  return code;
});
