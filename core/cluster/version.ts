/** Orrery's own version, and the Kubernetes it speaks. */
export const version = '0.1.0'
export const kubernetesVersion = 'v1.36.3'
