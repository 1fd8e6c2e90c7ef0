// How the desktop application is packed. `npm run pack:check` looks at what comes out; docs/security.md explains the fuses.

// `OWNER/NAME` on GitHub, from the release workflow. Without it nothing is published and nothing looks for updates.
const [owner, repo] = (process.env['SLUICE_RELEASES'] ?? '').split('/');

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'app.sluice.desktop',
  productName: 'Sluice',
  copyright: 'The Sluice authors',
  directories: { output: 'dist', buildResources: 'resources' },

  // Everything but the two packages with a native part is bundled into out/, so this is the whole list.
  files: [
    'out/**',
    'package.json',
    'LICENSE',
    '!out/build-stamp.json',
    '!**/*.map',
    '!**/*.md',
    '!**/*.d.ts',
    '!**/better-sqlite3/{deps,src}/**',
    '!**/better-sqlite3/binding.gyp',
    // What compiles better-sqlite3, where no binary came with it.
    '!**/node_modules/node-addon-api/**',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills it in
    '!**/better-sqlite3/prebuilds/!(${platform}-${arch}.node)',
  ],
  asar: true,
  asarUnpack: ['**/*.node'],
  // Both native packages come with binaries of Node-API, which need no rebuild.
  npmRebuild: false,
  electronLanguages: ['en-US', 'zh-CN'],

  // What an application that is no tool for developers does not need is switched off in the binary itself.
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },

  protocols: [{ name: 'Sluice', schemes: ['sluice'] }],
  // Opens the preview of an import and imports nothing by itself. `zip` stays whoever's it is.
  fileAssociations: [
    {
      ext: 'sluice',
      name: 'Sluice export',
      description: 'Conversations exported from Sluice',
      mimeType: 'application/vnd.sluice.export+zip',
      role: 'Viewer',
      rank: 'Owner',
    },
  ],
  // Packages of two machines lie in one release, and an updater finds its own by the name.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills it in
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',

  linux: {
    // For the machine that packs: the native packages are there for that one only.
    target: ['AppImage', 'deb', 'tar.gz'],
    category: 'Office',
    executableName: 'sluice',
    synopsis: 'A desktop AI chat with a gateway inside',
    // deb wants somebody who answers for the package; the release workflow names them.
    ...(process.env['SLUICE_MAINTAINER'] ? { maintainer: process.env['SLUICE_MAINTAINER'] } : {}),
  },
  mac: {
    target: ['dmg', 'zip'],
    category: 'public.app-category.productivity',
    hardenedRuntime: true,
    gatekeeperAssess: false,
    entitlements: 'resources/entitlements.mac.plist',
    entitlementsInherit: 'resources/entitlements.mac.plist',
  },
  win: { target: ['nsis'] },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    // Who uninstalls an application does not say that the conversations are to go.
    deleteAppDataOnUninstall: false,
  },

  // Only what goes into the package and beside it: which release is published is a person's decision.
  publish: owner && repo ? { provider: 'github', owner, repo, releaseType: 'draft' } : null,
};
