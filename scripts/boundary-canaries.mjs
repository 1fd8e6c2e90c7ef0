// For every rule of .dependency-cruiser.cjs one file that breaks it. check-boundaries.mjs lays them out in a temporary
// folder and wants each one caught. The scenery beside them keeps all rules and must pass.

/** Files that are imported, and imports that are allowed. @type {Record<string, string>} */
export const CANARY_SCENERY = {
  'src-main/platform/clock.ts': 'export const clock = 1;',
  'src-main/store/rows.ts': "import type { Database } from 'better-sqlite3';\nexport type Rows = Database;",
  'src-main/credentials/pool.ts': "import type { Rows } from '../store/rows.ts';\nexport type Pool = Rows;",
  'src-main/gateway/call.ts': "import type { Pool } from '../credentials/pool.ts';\nexport type Call = Pool;",
  'src-main/compressor/plan.ts': "import { clock } from '../platform/clock.ts';\nexport const plan = clock;",
  'src-main/usage/ledger.ts': "import type { Call } from '../gateway/call.ts';\nexport type Ledger = Call;",
  'src-main/runs/service.ts': "import type { Ledger } from '../usage/ledger.ts';\nexport type Service = Ledger;",
  'src-main/attachments/load.ts': "import type { Call } from '../gateway/call.ts';\nexport type Load = Call;",
  'src-main/ipc/handle.ts':
    "import type { Service } from '../runs/service.ts';\nimport { schema } from '#contract/routes.schema';\nexport const handle: Service = schema;",
  'src-main/ipc/router.ts': 'export interface Router { dispatch(): void }\nexport const createRouter = 1;',
  'src-main/api/serve.ts':
    "import { plan } from '../compressor/plan.ts';\nimport type { Router } from '../ipc/router.ts';\nexport const serve: Router = plan;",
  'src-main/windows/open.ts':
    "import { app } from 'electron';\nimport type { Load } from '../attachments/load.ts';\nexport const open: Load = app;",
  'src-main/electron.ts':
    "import { handle } from './ipc/handle.ts';\nimport { open } from './windows/open.ts';\nexport const main = [handle, open];",
  'src-preload/contract/errors.ts': "import type { Routes } from './routes.schema.ts';\nexport type Failure = Routes;",
  'src-preload/contract/routes.schema.ts':
    "import { z } from 'zod';\nexport const schema = z;\nexport type Routes = 1;",
  'src-renderer/app.tsx': "import { chat } from './features/chat/chat.tsx';\nexport const app = chat;",
  'src-renderer/features/chat/chat.tsx':
    "import { button } from '../../ui/button.tsx';\nimport { client } from '../../ipc/client.ts';\nimport type { Failure } from '#contract/errors';\nexport const chat: Failure = [button, client];",
  'src-renderer/ui/button.tsx': 'export const button = 1;',
  'src-renderer/ipc/client.ts': 'export const client = 1;',
  'src-renderer/errors/boundary.tsx': "import { button } from '../ui/button.tsx';\nexport const boundary = button;",
  'e2e/fake-upstream/fake.ts': "import type { Failure } from '#contract/errors';\nexport type Fake = Failure;",
  'src-main/runs/service.test.ts':
    "import { Fake } from '../../e2e/fake-upstream/fake.ts';\nimport { serve } from '../api/serve.ts';\nexport const test = [Fake, serve];",
};

/** What the canaries import to break their rules. @type {Record<string, string>} */
export const CANARY_PARTNERS = {
  'src-main/common/other.ts': 'export const other = 1;',
  'src-main/platform/cycle-canary-two.ts': "import './cycle-canary.ts';",
};

/** @type {{ rule: string, file: string, text: string }[]} */
export const BOUNDARY_CANARIES = [
  breaks('main-compose-imports-rightwards', 'src-main/compose.ts', "import './common/other.ts';"),
  breaks('main-wiring-imports-rightwards', 'src-main/wiring/canary.ts', "import '../compose.ts';"),
  breaks('main-ipc-imports-rightwards', 'src-main/ipc/canary.ts', "import '../api/serve.ts';"),
  breaks(
    'main-api-imports-rightwards',
    'src-main/api/canary.ts',
    "import type { handle } from '../ipc/handle.ts';\nexport type Canary = typeof handle;",
  ),
  breaks(
    'api-is-handed-its-router',
    'src-main/api/router-canary.ts',
    "import { createRouter } from '../ipc/router.ts';\nexport { createRouter };",
  ),
  breaks('main-windows-imports-rightwards', 'src-main/windows/canary.ts', "import '../compose.ts';"),
  breaks('main-runs-imports-rightwards', 'src-main/runs/canary.ts', "import '../ipc/handle.ts';"),
  breaks('main-diagnostics-imports-rightwards', 'src-main/diagnostics/canary.ts', "import '../ipc/handle.ts';"),
  breaks('main-data-imports-rightwards', 'src-main/data/canary.ts', "import '../ipc/handle.ts';"),
  // compose.ts hands runs what it needs of attachments, and the other way round.
  breaks(
    'main-attachments-imports-rightwards',
    'src-main/attachments/canary.ts',
    "import type { Service } from '../runs/service.ts';\nexport type Canary = Service;",
  ),
  breaks(
    'main-usage-imports-rightwards',
    'src-main/usage/canary.ts',
    "import type { Service } from '../runs/service.ts';\nexport type Canary = Service;",
  ),
  breaks('main-gateway-imports-rightwards', 'src-main/gateway/canary.ts', "import '../compressor/plan.ts';"),
  breaks('main-compressor-imports-rightwards', 'src-main/compressor/canary.ts', "import '../gateway/call.ts';"),
  breaks('main-credentials-imports-rightwards', 'src-main/credentials/canary.ts', "import '../gateway/call.ts';"),
  // A type is an edge too.
  breaks(
    'main-store-imports-rightwards',
    'src-main/store/canary.ts',
    "import type { Service } from '../runs/service.ts';\nexport type Canary = Service;",
  ),
  breaks('main-platform-imports-rightwards', 'src-main/platform/canary.ts', "import '../store/rows.ts';"),
  breaks('main-has-known-folders', 'src-main/platform/folder-canary.ts', "import '../common/other.ts';"),
  breaks('main-entries-are-not-imported', 'src-main/ipc/entry-canary.ts', "import '../electron.ts';"),
  breaks(
    'renderer-and-main-are-strangers',
    'src-renderer/features/canary/main.ts',
    "import '../../../src-main/platform/clock.ts';",
  ),
  breaks('main-knows-no-renderer', 'src-main/windows/renderer-canary.ts', "import '../../src-renderer/app.tsx';"),
  breaks('preload-is-contract-only', 'src-preload/index.ts', "import 'zod';"),
  breaks('contract-stands-alone', 'src-preload/contract/canary.ts', "import 'node:fs';"),
  breaks('only-schemas-carry-zod', 'src-preload/contract/zod-canary.ts', "import { z } from 'zod';\nexport { z };"),
  breaks(
    'schemas-are-checked-at-the-border',
    'src-renderer/features/canary/schema.ts',
    "import { schema } from '#contract/routes.schema';\nexport const canary = schema;",
  ),
  breaks(
    'electron-stays-in-its-shell',
    'src-main/runs/electron-canary.ts',
    "import { app } from 'electron';\nexport { app };",
  ),
  breaks(
    'only-the-store-knows-sqlite',
    'src-main/runs/sql-canary.ts',
    "import Database from 'better-sqlite3';\nexport { Database };",
  ),
  breaks('renderer-has-no-node', 'src-renderer/ui/node-canary.ts', "import 'node:fs';"),
  breaks('features-are-strangers', 'src-renderer/features/canary/stranger.ts', "import '../chat/chat.tsx';"),
  breaks('features-know-no-app', 'src-renderer/features/canary/app.ts', "import '../../app.tsx';"),
  breaks('renderer-base-knows-no-features', 'src-renderer/errors/canary.ts', "import '../features/chat/chat.tsx';"),
  breaks('ui-only-draws', 'src-renderer/ui/canary.ts', "import '../ipc/client.ts';"),
  breaks('renderer-ipc-draws-nothing', 'src-renderer/ipc/canary.ts', "import '../ui/button.tsx';"),
  breaks('product-knows-no-tests', 'src-main/runs/test-canary.ts', "import '../../e2e/fake-upstream/fake.ts';"),
  breaks('e2e-is-a-stranger', 'e2e/canary.ts', "import '../src-main/platform/clock.ts';"),
  breaks('scripts-need-nothing-installed', 'scripts/canary.mjs', "import 'zod';"),
  breaks('no-cycles', 'src-main/platform/cycle-canary.ts', "import './cycle-canary-two.ts';"),
  breaks('everything-resolves', 'src-main/platform/lost-canary.ts', "import '#contract/nowhere';"),
];

/**
 * @param {string} rule
 * @param {string} file
 * @param {string} text
 */
function breaks(rule, file, text) {
  return { rule, file, text };
}
