import { type Browser, chromium } from '@playwright/test';

/**
 * Chromium counts only the last `--disable-features`, so those that Playwright switches off stand here again (its
 * `chromiumSwitches.ts`). The last four are ours. A renderer in spare, for a page that may come next, is started for nobody.
 * Newer Chromiums draw the suggestions of the address bar as a web page of their own, which each context loads, with more
 * work than the page under test has. Nobody types an address here.
 */
const DISABLED_FEATURES = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'SpareRendererForSitePerProcess',
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
];

/** Starts the browser that shows the headless host. The caller closes it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      `--disable-features=${DISABLED_FEATURES.join(',')}`,
      // Chromium refuses to run as root with its sandbox on.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}
