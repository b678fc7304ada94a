/** Where uids and generated names come from: injected, so that a history of a cluster can be played twice alike. */
export interface Identities {
  uid(): string
  /** 0 ≤ x < 1 */
  random(): number
}

export const randomIdentities: Identities = { uid: () => crypto.randomUUID(), random: Math.random }
