import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/** KaTeX names each of its fonts in three formats; every browser that runs this page takes the first. */
const oneFontFormat: Plugin = {
  name: 'one-font-format',
  enforce: 'pre',
  transform(code, id) {
    if (!/katex[^?]*\.css(\?|$)/.test(id)) return null;
    return { code: code.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)/g, ''), map: null };
  },
};

/** Mermaid as it is published, beside the frame that runs it. It is no part of the page. */
const mermaidBesideItsFrame: Plugin = {
  name: 'mermaid-beside-its-frame',
  generateBundle() {
    const source = readFileSync(new URL('./node_modules/mermaid/dist/mermaid.min.js', import.meta.url));
    // Packed: it is the largest file of the application, and most people never see a diagram.
    this.emitFile({ type: 'asset', fileName: 'frames/mermaid.js.gz', source: gzipSync(source, { level: 9 }) });
  },
};

/**
 * The stylesheet is asked for before the scripts: nothing is painted without it, and a browser has six connections to a
 * host, which the entry and its chunks would take.
 */
const stylesFirst: Plugin = {
  name: 'styles-first',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const [link] = /\n *<link rel="stylesheet"[^>]*>/.exec(html) ?? [];
      return link === undefined ? html : html.replace(link, '').replace(/\n *<script type="module"/, `${link}$&`);
    },
  },
};

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
          'data-worker': 'src-main/data/data-worker.ts',
          'token-worker': 'src-main/compressor/token-worker.ts',
        },
        // ws tries these two optional native packages inside a try block and does without them.
        external: ['electron', 'better-sqlite3', '@napi-rs/keyring', 'bufferutil', 'utf-8-validate'],
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // Smaller, and names stay: a stack in the log of a release is still to be read.
          minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
        },
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
    plugins: [oneFontFormat, mermaidBesideItsFrame, stylesFirst, react(), tailwindcss()],
    // A worker in modules loads its grammars one by one.
    worker: { format: 'es' },
    build: {
      outDir: 'out/renderer',
      minify: true,
      sourcemap: false,
      // An inlined asset would be a data: URL, which the content security policy refuses for fonts and scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: { index: 'src-renderer/index.html' },
        output: {
          // What the first paint shares with later pages is one file: a request each for a dozen small ones took longer
          // than the bytes of all.
          codeSplitting: {
            groups: [
              { name: 'common', test: /src-renderer[\\/](ui|commands|ipc|locales)[\\/]|lucide/, minShareCount: 2 },
            ],
          },
        },
      },
    },
  },
});
