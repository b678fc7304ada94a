/** The fixture page, built, served with the product's own policy, and a browser to open it in: for screenshots and benches. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { build } from 'vite'
import { contentSecurityPolicy } from '../../core/window/content-security-policy.ts'
import { findBrowser } from '../engine/browser.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.woff': 'font/woff', '.svg': 'image/svg+xml' }

/** `--no-build` on the command line takes the page that was built last. */
export async function openFixturePage(): Promise<{ url: string; browser: Browser; close(): Promise<void> }> {
  const found = findBrowser((line) => process.stdout.write(`${line}\n`))
  if (found.path === undefined) throw new Error(found.why)
  if (!process.argv.includes('--no-build')) await build({ configFile: here('./vite.config.ts'), logLevel: 'warn' })
  const root = here('../artifacts/page')
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]!
    try {
      const file = readFileSync(join(root, path === '/' ? 'index.html' : path))
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/html', 'content-security-policy': contentSecurityPolicy("'self'") })
      response.end(file)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    browser,
    close: async () => {
      await browser.close()
      server.close()
    },
  }
}
