/** Quotas in words: what is used of what is allowed, and a refusal by one. The API's own names and messages stay upstream's. Pure. */
import { bytes, quantityValue } from './sentences.ts'

const nouns: Readonly<Record<string, string>> = {
  cpu: 'CPU', memory: 'memory', 'ephemeral-storage': 'scratch space', storage: 'storage',
  pods: 'Pods', services: 'Services', configmaps: 'ConfigMaps', secrets: 'Secrets', persistentvolumeclaims: 'claims', replicationcontrollers: 'ReplicationControllers', resourcequotas: 'quotas',
  'services.nodeports': 'ports on each machine', 'services.loadbalancers': 'load balancers',
}

/** "requests.cpu" is "CPU requested". */
export function quotaNoun(name: string): string {
  const ofClass = /^(.+)\.storageclass\.storage\.k8s\.io\/(.+)$/.exec(name)
  if (ofClass) return `${quotaNoun(ofClass[2]!)} of class ${ofClass[1]}`
  const counted = /^count\/([^.]+)/.exec(name)?.[1]
  if (counted !== undefined) return nouns[counted] ?? counted
  const [, side, resource = name] = /^(requests|limits)\.(.+)$/.exec(name) ?? []
  const noun = nouns[resource] ?? (resource.startsWith('hugepages-') ? `huge pages of ${resource.slice('hugepages-'.length)}` : resource)
  const isCompute = side !== undefined || name === 'cpu' || name === 'memory' || name === 'ephemeral-storage'
  return !isCompute ? noun : resource === 'storage' ? 'storage claimed' : side === 'limits' ? `${noun} in limits` : `${noun} requested`
}

const isSize = (name: string): boolean => /(?:memory|storage|hugepages-[^/]*)$/.test(name) && !name.startsWith('count/')

/** Both in the same way: fractions of a CPU as such, bytes with a unit. */
function amountOf(name: string, quantity: string | undefined): string {
  const value = quantityValue(quantity)
  return isSize(name) ? bytes(value) : String(Number(value.toFixed(3)))
}

/** "3.8 of 4 CPU requested". */
export const quotaUse = (name: string, used: string | undefined, hard: string | undefined): string => `${amountOf(name, used)} of ${amountOf(name, hard)} ${quotaNoun(name)}`

const amountsOf = (list: string): Map<string, string> => new Map(list.split(',').map((one) => one.split('=') as [string, string]))

/** Why the server refused something: a quota's numbers in words, and what others say as they say it. */
export const plainRefusal = (message: string): string => quotaRefusal(message) ?? message

function quotaRefusal(message: string): string | undefined {
  const [, quota, requested, used, limited] = /exceeded quota: (\S+), requested: (\S+), used: (\S+), limited: (\S+)/.exec(message) ?? []
  if (quota !== undefined) {
    const [now, most] = [amountsOf(used!), amountsOf(limited!)]
    const parts = [...amountsOf(requested!)].map(([name, wanted]) => `${quotaUse(name, now.get(name), most.get(name))}, ${amountOf(name, wanted)} more wanted`)
    return `quota ${quota}: ${parts.join('; ')}`
  }
  const [, name, missing] = /failed quota: (\S+): must specify (.+)$/.exec(message) ?? []
  if (name === undefined) return undefined
  const wanted = missing!.split('; ').map((one) => {
    const [, resources = one, containers] = /^(\S+) for: (.+)$/.exec(one) ?? []
    return `${resources.split(',').map(quotaNoun).join(', ')}${containers === undefined ? '' : ` (${containers.split(',').join(', ')})`}`
  })
  return `quota ${name} wants to be told: ${wanted.join('; ')}`
}
