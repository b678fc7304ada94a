/** app://orrery/…: the built window's files, and nothing outside their folder. No file:// anywhere. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Protocol } from 'electron'
import { contentSecurityPolicy } from '../core/window/content-security-policy.ts'
import { fileWithin, mediaType } from '../core/window/window-files.ts'

export const appScheme = 'app'
export const windowAddress = `${appScheme}://orrery/index.html`

/** dist/renderer, beside dist/electron where this file is bundled. */
export const windowFolder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'renderer')

const nothing = () => new Response('There is nothing at this address.', { status: 404 })

export function serveApp(protocol: Protocol): void {
  protocol.handle(appScheme, async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'orrery' || request.method !== 'GET') return nothing()
    const file = fileWithin(windowFolder, decodeURIComponent(url.pathname))
    if (file === undefined) return nothing()
    try {
      const bytes = new Uint8Array(await readFile(file))
      return new Response(bytes, {
        headers: { 'content-type': mediaType(file), 'content-security-policy': contentSecurityPolicy("'self'"), 'x-content-type-options': 'nosniff' },
      })
    } catch {
      return nothing()
    }
  })
}
