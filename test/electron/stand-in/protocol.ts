/** electron.protocol: app:// pages are shown under a plain http name that no network has; each request goes to the handler. */
import type { CustomScheme, Protocol } from 'electron'
import { onCommand } from './control.ts'

type Handler = (request: Request) => Response | Promise<Response>
const handlers = new Map<string, Handler>()
const privileged: CustomScheme[] = []

export const protocol: Pick<Protocol, 'handle' | 'registerSchemesAsPrivileged'> = {
  // Electron types its requests as GlobalRequest, which is the platform's Request.
  handle: (scheme, handler) => void handlers.set(scheme, handler as unknown as Handler),
  registerSchemesAsPrivileged: (schemes) => void privileged.push(...schemes),
}

const suffix = '.stand-in.invalid'

/** app://orrery/x → http://orrery.app.stand-in.invalid/x */
export const toShown = (url: string): string => url.replace(/^([a-z]+):\/\/([^/]*)/, (_all, scheme: string, host: string) => (handlers.has(scheme) ? `http://${host}.${scheme}${suffix}` : `${scheme}://${host}`))
export const fromShown = (url: string): string => url.replace(/^http:\/\/([^/]*)\.([a-z]+)\.stand-in\.invalid/, '$2://$1')

export async function answer(shown: string, method: string): Promise<Response | undefined> {
  const url = fromShown(shown)
  const handler = handlers.get(new URL(url).protocol.slice(0, -1))
  return handler && handler(new Request(url, { method }))
}

onCommand('protocol.fetch', async (url: string) => {
  const response = await answer(toShown(url), 'GET')
  return response && { status: response.status, csp: response.headers.get('content-security-policy') }
})
onCommand('protocol.schemes', () => privileged.map(({ scheme, privileges }) => ({ scheme, privileges })))
