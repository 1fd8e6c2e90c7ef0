import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

// better-sqlite3 and the keyring stay outside the bundles: they are the packages with a native part.
// Everything else is a devDependency and is bundled, so the shipped tree holds no node_modules to keep in step.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      sourcemap: true,
      rollupOptions: {
        input: {
          electron: 'src-main/electron.ts',
          headless: 'src-main/headless.ts',
          'store-worker': 'src-main/store/read-worker.ts',
          'token-worker': 'src-main/compressor/token-worker.ts',
        },
        // ws tries these two optional native packages inside a try block and does without them.
        external: ['electron', 'better-sqlite3', '@napi-rs/keyring', 'bufferutil', 'utf-8-validate'],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload is loaded as CommonJS and may require only electron, so it is bundled whole.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: 'src-preload/index.ts' },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react(), tailwindcss()],
    build: {
      outDir: 'out/renderer',
      minify: true,
      sourcemap: false,
      // An inlined asset would be a data: URL, which the content security policy refuses for fonts and scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: { index: 'src-renderer/index.html' } },
    },
  },
});
