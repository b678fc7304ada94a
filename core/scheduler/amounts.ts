/** Amounts as the scheduler compares them (milli-CPUs, bytes, counts), and as people read them. */
import { quantityMilli, quantityValue } from '../api/quantity.ts'

/** A stored quantity in the scheduler's unit of that resource. */
export const amountOf = (resource: string, text: string): number => (resource === 'cpu' ? quantityMilli(text) : quantityValue(text))

const rounded = (value: number): string => String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10)

export function sayBytes(bytes: number): string {
  if (bytes < 0) return `-${sayBytes(-bytes)}`
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let unit = 0
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024
  return `${rounded(bytes)} ${units[unit]}`
}

export const sayCpus = (milli: number): string => {
  const cpus = Math.round(milli) / 1000
  return `${cpus >= 10 ? rounded(cpus) : Math.round(cpus * 100) / 100} CPU`
}

/** "5.2 of 7.6 GiB": the unit once where both have the same. */
export function sayOf(part: string, whole: string): string {
  const unit = whole.slice(whole.indexOf(' '))
  return `${part.endsWith(unit) ? part.slice(0, -unit.length) : part} of ${whole}`
}

/** `resource` in Kubernetes' spelling; the amount in the scheduler's unit of it. */
export function say(resource: string, value: number): string {
  if (resource === 'cpu') return sayCpus(value)
  if (resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-')) return sayBytes(value)
  return String(value)
}

/** "memory", "CPU": how a resource is called in a sentence. */
export const sayResource = (resource: string): string => (resource === 'cpu' ? 'CPU' : resource === 'ephemeral-storage' ? 'disk space' : resource === 'pods' ? 'Pods' : resource)
