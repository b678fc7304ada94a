/**
 * Everything has an address: `#/graph`, `#/objects?kind=Pod`, `#/open/Pod/default/web-1/logs`, `#/open/Node/-/mini-pc`,
 * `#/deploy`. The selection rides along as `sel`, so that an address brings back what was looked at. Pure.
 */
import type { Ref } from '../../core/api/meta.ts'

export const places = ['graph', 'machines', 'logs', 'changes', 'objects'] as const
export type Place = (typeof places)[number]
/** `open` shows one object in the centre; `deploy` and `settings` are reached by their buttons. */
export type View = Place | 'open' | 'deploy' | 'settings'

export interface Address {
  view: View
  /** The object of `open`. */
  ref?: Ref
  /** Part of the view, e.g. an inspector's tab. */
  tab?: string
  query: Readonly<Record<string, string>>
}

const views: readonly View[] = [...places, 'open', 'deploy', 'settings']

export const refText = (ref: Ref): string => [ref.kind, ref.namespace ?? '-', ref.name].map(encodeURIComponent).join('/')

export function parseRef(text: string): Ref | undefined {
  const [kind, namespace, name] = text.split('/').map(decodeURIComponent)
  if (!kind || !namespace || !name) return undefined
  return { kind, ...(namespace === '-' ? {} : { namespace }), name }
}

export function formatAddress(address: Address, selection?: Ref): string {
  const path = ['#', address.view, ...(address.ref ? [refText(address.ref)] : []), ...(address.tab ? [encodeURIComponent(address.tab)] : [])].join('/')
  const query = new URLSearchParams(address.query)
  if (selection && address.view !== 'open') query.set('sel', refText(selection))
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

export function parseAddress(hash: string): { address: Address; selection: Ref | undefined } {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?')
  const parts = path.split('/').filter((part) => part !== '')
  const query = Object.fromEntries(new URLSearchParams(search))
  const selection = query['sel'] === undefined ? undefined : parseRef(query['sel'])
  delete query['sel']
  const view = views.find((one) => one === parts[0]) ?? 'graph'
  const ref = view === 'open' ? parseRef(parts.slice(1, 4).join('/')) : undefined
  if (view === 'open' && !ref) return { address: { view: 'graph', query: {} }, selection }
  const tab = parts[view === 'open' ? 4 : 1]
  return { address: { view, ...(ref ? { ref } : {}), ...(tab === undefined ? {} : { tab: decodeURIComponent(tab) }), query }, selection }
}
