// `npm run bench`, `npm run conformance`: sets up like `npm start`, then runs a script of test/ on Node 24.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, node24, root } from '../electron/setup.mjs'

const [script, ...args] = process.argv.slice(2)
ensureInstalled()
ensureBuilt()
const child = spawn(node24, [join(root, 'test', script), ...args], { cwd: root, stdio: 'inherit' })
child.on('exit', (code) => process.exit(code ?? 1))
