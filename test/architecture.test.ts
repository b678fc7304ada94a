/**
 * The house's rules: who may import whom, no cycles, no barrels, no file too long to hold in the head.
 * Parses imports as text; type-only imports count too, because they bind the reader just the same.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'node:test'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Room → rooms of ours it may import. A file belongs to the longest matching room. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'core/base': [],
  'core/api': ['core/base'],
  'core/loop': ['core/base', 'core/api'],
  'core/store': ['core/base'],
  'core/server': ['core/base', 'core/api', 'core/store'],
  'core/controllers': ['core/base', 'core/api', 'core/loop'],
  'core/scheduler': ['core/base', 'core/api', 'core/loop'],
  'core/node': ['core/base', 'core/api', 'core/loop'],
  'core/network': ['core/base', 'core/api', 'core/loop'],
  'core/window': ['core/base', 'core/api', 'core/loop', 'core/store', 'core/server', 'core/scheduler', 'core/node', 'core/network', 'electron/contract.ts'],
  // The composition root: cluster.ts, headless.ts and the few files beside them.
  core: ['core', 'core/base', 'core/api', 'core/loop', 'core/store', 'core/server', 'core/controllers', 'core/scheduler', 'core/node', 'core/network', 'core/window', 'electron/contract.ts'],
  'electron/contract.ts': ['core/base', 'core/api', 'core/loop', 'core/scheduler'],
  'electron/preload.ts': ['electron/contract.ts'],
  electron: ['electron', 'electron/contract.ts', 'core', 'core/base', 'core/api', 'core/loop', 'core/window'],
  renderer: ['renderer', 'core/base', 'core/api', 'core/loop', 'electron/contract.ts'],
}
/** npm packages that only one room may touch. */
const onlyIn: Readonly<Record<string, readonly string[]>> = {
  dockerode: ['core/node/runtime'],
  'better-sqlite3': ['core/store/sqlite'],
  electron: ['electron/'],
  cytoscape: ['renderer/graph'],
}
const generated = /core\/api\/types(\.ts|\/)/
const maxLines = 400

const rooms = Object.keys(mayImport).sort((a, b) => b.length - a.length)
const roomOf = (file: string) => rooms.find((room) => file === room || file.startsWith(`${room}/`))
const files = globSync('{core,electron,renderer}/**/*.{ts,svelte,mjs}', { cwd: root }).filter((file) => !file.includes('node_modules'))
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

interface Import {
  from: string
  to: string
  local: boolean
}
const importsOf = (file: string): Import[] =>
  [...textOf(file).matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n]*?)?(?:from\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map((match) => {
    const target = match[1] ?? match[2] ?? ''
    const local = target.startsWith('.')
    return { from: file, to: local ? normalize(join(dirname(file), target)) : target, local }
  })
const imports = files.flatMap(importsOf)

test('every import is in the table', () => {
  const wrong = imports.filter((edge) => {
    if (!edge.local) return false
    const from = roomOf(edge.from)
    const to = roomOf(edge.to)
    return from !== undefined && to !== undefined && from !== to && !mayImport[from]!.includes(to)
  })
  assert.deepEqual(wrong.map((edge) => `${edge.from} may not import ${edge.to}; ${roomOf(edge.from)} may import: ${mayImport[roomOf(edge.from)!]!.join(', ') || 'nothing of ours'}`), [])
})

test('files of core say their extension, and import only what exists', () => {
  const known = new Set(globSync('{core,electron,renderer,test}/**/*', { cwd: root }))
  const missing = imports.filter((edge) => edge.local && !edge.from.startsWith('renderer/') && !known.has(edge.to.replace(/\?.*$/, '')))
  assert.deepEqual(missing.map((edge) => `${edge.from} → ${edge.to}`), [])
})

test('base, api and loop import nothing from Node', () => {
  const wrong = imports.filter((edge) => /^core\/(base|api|loop)\//.test(edge.from) && edge.to.startsWith('node:') && !/core\/api\/schema\//.test(edge.from))
  assert.deepEqual(wrong.map((edge) => `${edge.from} → ${edge.to}`), [])
})

test('packages stay in their rooms', () => {
  const wrong = imports.filter((edge) => {
    const homes = onlyIn[edge.to]
    return homes !== undefined && !homes.some((home) => edge.from.startsWith(home))
  })
  assert.deepEqual(wrong.map((edge) => `${edge.from} → ${edge.to} (only in ${onlyIn[edge.to]!.join(', ')})`), [])
})

test('no import cycles', () => {
  const graph = new Map<string, string[]>()
  for (const edge of imports) if (edge.local) graph.set(edge.from, [...(graph.get(edge.from) ?? []), edge.to])
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: string[]) => {
    const at = path.indexOf(file)
    if (at >= 0) return void cycles.push([...path.slice(at), file].join(' → '))
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  assert.deepEqual(cycles, [])
})

test('no barrels, no default exports, no dumping grounds', () => {
  assert.deepEqual(files.filter((file) => /(^|\/)(index|utils?|helpers?|common|shared)\.ts$/.test(file)), [])
  assert.deepEqual(files.filter((file) => file.endsWith('.ts') && /^export default /m.test(textOf(file)) && !file.endsWith('.config.ts')), [])
})

test(`no file of ours is longer than ${maxLines} lines`, () => {
  const long = files.filter((file) => !generated.test(file)).map((file) => [file, textOf(file).split('\n').length] as const)
  assert.deepEqual(long.filter(([, lines]) => lines > maxLines).map(([file, lines]) => `${file}: ${lines}`), [])
})

test('every file of core starts by saying its job', () => {
  const silent = files.filter((file) => file.startsWith('core/') && file.endsWith('.ts') && !/^(#!.*\n)?(import [^\n]*\n|\s)*(\/\*\*|\/\/)/.test(textOf(file)))
  assert.deepEqual(silent, [])
})
