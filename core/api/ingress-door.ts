/**
 * What Orrery's own fulfilment of Ingresses says of itself, on its IngressClass: where it listens, or why it does not. The
 * door writes it (network/ingress); the planner that publishes addresses reads it (controllers/ingress).
 */
import type { IngressClass, IngressLoadBalancerIngress } from './types/networking.ts'

export const ownClass = 'orrery'
export const ownController = 'orrery.dev/ingress'
export const doorAnnotation = 'ingress.orrery.dev/door'

export interface DoorState {
  /** IP address that clients use. */
  readonly address?: string
  readonly http?: number
  readonly https?: number
  /** Why it does not listen, in plain words. */
  readonly problem?: string
}

export const doorText = (state: DoorState): string => JSON.stringify(state)

/** What a class says; nothing where it never said anything that can be read. */
export function doorOf(ingressClass: IngressClass | undefined): DoorState {
  const text = ingressClass?.metadata.annotations?.[doorAnnotation]
  if (text === undefined) return {}
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null ? said : {}
  } catch {
    return {}
  }
}

/** As status.loadBalancer.ingress. */
export function publishedAs({ address, http, https }: DoorState): IngressLoadBalancerIngress[] {
  if (address === undefined || http === undefined) return []
  const ports = [http, ...(https === undefined ? [] : [https])]
  return [{ ip: address, ports: ports.map((port) => ({ port, protocol: 'TCP' as const })) }]
}
