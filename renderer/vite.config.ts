/** Builds the window to dist/renderer: plain files, no inline script or style, so that the strict CSP holds. */
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { UserConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const config: UserConfig = {
  root: here('.'),
  base: './',
  publicDir: false,
  plugins: [svelte({ configFile: false, compilerOptions: { css: 'external' } })],
  build: {
    outDir: here('../dist/renderer'),
    emptyOutDir: true,
    target: 'chrome120',
    /** Nothing becomes a data: address: the CSP allows files only. */
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    /** One style sheet, there from the start: a view that comes later is never without its own. */
    cssCodeSplit: false,
    chunkSizeWarningLimit: 900,
  },
}

export default config
