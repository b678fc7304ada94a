/** Numbers as the state sentences say them: short, with units, both sides of a comparison alike. */
import { parseQuantity } from '../quantity.ts'

/** "12 s", "1:52", "2 h 5 min", "3 d": how long something takes or took. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
  return `${Math.floor(s / 86_400)} d`
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** "1.4 GiB", "212 MiB". */
export function bytes(value: number): string {
  let n = value
  let unit = 0
  while (n >= 1024 && unit < binary.length - 1) {
    n /= 1024
    unit++
  }
  return `${n >= 100 || Number.isInteger(n) ? Math.round(n) : Number(n.toFixed(1))} ${binary[unit]}`
}

/** "2 CPUs", "0.5 CPU", "0.025 CPU". */
export function cpus(cores: number): string {
  const n = Number(cores.toFixed(cores < 0.1 ? 3 : 2))
  return `${n} ${n === 1 || n < 1 ? 'CPU' : 'CPUs'}`
}

/** An amount of CPU or of bytes as people read it; of anything else, what is written in powers of two is bytes, the rest a plain number. */
export const amount = (resource: string, quantity: string | undefined): string =>
  quantity === undefined ? '' : resource === 'cpu' ? cpus(quantityValue(quantity)) : /memory|storage|^hugepages-/.test(resource) || /^\d.*[KMGTPE]i$/.test(quantity) ? bytes(quantityValue(quantity)) : plain(quantity)

/** "1,500", "30.5", "0.25": a quantity without its suffix; what can't be read stays as it is. */
function plain(quantity: string): string {
  if (!/^[+-]?[0-9.]+([numkMGTPE]|[eE][+-]?\d+)?$/.test(quantity)) return quantity
  const value = quantityValue(quantity)
  const size = Math.abs(value)
  return value.toLocaleString('en', size >= 100 ? { maximumFractionDigits: 0 } : size >= 1 ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 2 })
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** Name and tag of an image without its registry: "nginx:1.26". A digest is cut to eight digits. */
export function shortImage(image: string): string {
  const [name = image, digest] = image.split('@')
  const last = name.slice(name.lastIndexOf('/') + 1)
  return digest === undefined ? last : `${last.split(':')[0]}@${digest.replace(/^sha256:/, '').slice(0, 8)}`
}

/** What tells two versions of an image apart: its tag, or the digest's first digits. */
export function imageVersion(image: string): string {
  const short = shortImage(image)
  const at = short.indexOf('@')
  if (at >= 0) return short.slice(at + 1)
  const colon = short.indexOf(':')
  return colon < 0 ? 'latest' : short.slice(colon + 1)
}

/** A Kubernetes quantity as a number, fractions kept, for sentences and meters; 0 where it can't be read. */
export function quantityValue(quantity: string | number | undefined): number {
  if (quantity === undefined || typeof quantity === 'number') return quantity ?? 0
  try {
    return Number(parseQuantity(quantity).nano) / 1e9
  } catch {
    return 0
  }
}

/** Go's duration text, as messages of the node agent carry it: "2m40s", "10s", "1m20.5s". */
export function goDuration(text: string): number | undefined {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(text)
  if (!match || text === '') return undefined
  return (Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)) * 1000
}
