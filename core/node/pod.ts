/** Small questions about Pods, and the names of what the node agent writes on containers. */
import type { Container, Pod, PodStatus } from '../api/types/core.ts'

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'
export const isFinal = (phase: PodStatus['phase']): boolean => phase === 'Succeeded' || phase === 'Failed'
/** As upstream prints a Pod in messages: name_namespace(uid). */
export const podText = (pod: Pod): string => `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`
/** What people call it: the part its owner made up, or its whole name. */
export const shortName = (pod: Pod): string => (pod.metadata.generateName && pod.metadata.name.startsWith(pod.metadata.generateName) ? pod.metadata.name.slice(pod.metadata.generateName.length) : pod.metadata.name)
export const labelsOfContainer = { hash: 'orrery.dev/hash', sandbox: 'orrery.dev/sandbox' } as const
/** Annotations that tell the simulated runtime how containers behave. */
export const simulatePrefix = 'simulate.orrery.dev/'
