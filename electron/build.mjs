// Builds what runs: the headless entry, the Electron main process, the preload, field documentation, and the window.
// Runs under Node 24 (it imports TypeScript directly). Output: dist/.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build as bundle } from 'rolldown'
import { build as buildWindow } from 'vite'
import { extractDocs } from '../core/api/schema/docs.ts'
import { kubernetesFacts } from '../core/api/schema/kubernetes-facts.ts'
import { leanDocker } from './lean-docker.mjs'
import { root } from './setup.mjs'

// Left outside the bundles: a native module, and Electron itself.
const external = ['better-sqlite3', 'electron', /^node:/, 'cpu-features', /\.node$/]
const out = (...path) => join(root, 'dist', ...path)
// CommonJS dependencies inside an ES module bundle still call require() for Node's own modules and ask where they are.
const banner = "import { createRequire as orreryRequire } from 'node:module'; const require = orreryRequire(import.meta.url); const __dirname = import.meta.dirname, __filename = import.meta.filename;"

rmSync(out(), { recursive: true, force: true })
mkdirSync(out('core'), { recursive: true })
const declarations = (className) => join(root, 'node_modules/@kubernetes/client-node/dist/gen/models', `${className}.d.ts`)
const docs = extractDocs(kubernetesFacts.models.keys(), (className) => (existsSync(declarations(className)) ? readFileSync(declarations(className), 'utf8') : undefined))
writeFileSync(out('docs.json'), JSON.stringify(docs))

const entries = (input, dir) => ({
  input,
  external,
  plugins: [leanDocker],
  platform: 'node',
  output: { dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', minify: false, sourcemap: false, banner },
})

await bundle(entries({ headless: join(root, 'core/headless.ts') }, out('core')))
await bundle(entries({ main: join(root, 'electron/main.ts') }, out('electron')))
// A sandboxed preload must be one CommonJS file.
await bundle({ input: join(root, 'electron/preload.ts'), external, platform: 'node', output: { file: out('electron/preload.cjs'), format: 'cjs' } })
await buildWindow({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' })
