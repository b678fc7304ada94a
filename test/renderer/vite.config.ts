/** The window on fixtures, for screenshots and benches. Not part of the product's build. */
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { UserConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const config: UserConfig = {
  root: here('./page'),
  base: './',
  publicDir: false,
  plugins: [svelte({ configFile: false, compilerOptions: { css: 'external' } })],
  build: { outDir: here('../artifacts/page'), emptyOutDir: true, target: 'chrome120', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2_000 },
  server: { fs: { allow: [here('../..')] } },
}

export default config
