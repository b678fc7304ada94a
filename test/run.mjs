// `npm test`: everything. `npm run test:fast`: what needs neither Docker nor a browser. Sets up like `npm start` does.
// Runs on the distribution's Node; the tests themselves run on Node 24.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, node24, root } from '../electron/setup.mjs'

ensureInstalled()
if (!process.argv.includes('--fast')) ensureBuilt()
const child = spawn(node24, [join(root, 'test/suite.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` } })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
