// `npm run bench [-- name …]`: sets up like `npm start`, then measures. Results go to test/bench/results.{json,md}.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, node24, root } from '../../electron/setup.mjs'

ensureInstalled()
ensureBuilt()
const child = spawn(node24, [join(root, 'test/bench/bench.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
child.on('exit', (code) => process.exit(code ?? 1))
