/**
 * What a privileged container gets. Upstream's runtimes give all capabilities that they have themselves (containerd:
 * WithAllCurrentCapabilities); Docker insists on all that the kernel knows, and refuses where the engine itself runs with
 * fewer, such as in a container or a small virtual machine. There a privileged container gets each capability that the
 * engine can give, found out by trying, and otherwise what makes Docker's own privileged containers.
 */
import type { HostConfig } from 'dockerode'
import { RuntimeError } from '../../runtime.ts'
import type { Connection } from './connection.ts'
import { label } from './labels.ts'

/** Beyond Docker's default set; include/uapi/linux/capability.h. */
const beyondDefault = [
  'AUDIT_CONTROL', 'AUDIT_READ', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'IPC_OWNER', 'LEASE',
  'LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'NET_ADMIN', 'NET_BROADCAST', 'PERFMON', 'SYSLOG', 'SYS_ADMIN', 'SYS_BOOT',
  'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'WAKE_ALARM',
] as const

export type PrivilegeOptions = Pick<HostConfig, 'Privileged' | 'CapAdd' | 'SecurityOpt' | 'MaskedPaths' | 'ReadonlyPaths' | 'DeviceCgroupRules'>

export const fullPrivilege: PrivilegeOptions = { Privileged: true }

/** Of the candidates, those that can be given together; halves them until what is refused stands alone. */
export async function givable(candidates: readonly string[], canGive: (capabilities: readonly string[]) => Promise<boolean>): Promise<string[]> {
  if (candidates.length === 0 || (await canGive(candidates))) return [...candidates]
  if (candidates.length === 1) return []
  const middle = candidates.length >> 1
  const halves = await Promise.all([givable(candidates.slice(0, middle), canGive), givable(candidates.slice(middle), canGive)])
  return halves.flat()
}

export class Privilege {
  readonly #connection: Connection
  readonly #cluster: string
  readonly #image: () => string
  #found: Promise<PrivilegeOptions> | undefined

  constructor(connection: Connection, cluster: string, image: () => string) {
    this.#connection = connection
    this.#cluster = cluster
    this.#image = image
  }

  /** Found out once, by the first privileged container. */
  options(): Promise<PrivilegeOptions> {
    this.#found ??= this.#find().catch((error: unknown) => {
      this.#found = undefined
      throw error
    })
    return this.#found
  }

  async #find(): Promise<PrivilegeOptions> {
    if (await this.#starts(fullPrivilege)) return fullPrivilege
    const capabilities = await givable(beyondDefault, (some) => this.#starts({ CapAdd: [...some] }))
    return {
      CapAdd: capabilities,
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      DeviceCgroupRules: ['a *:* rwm'],
    }
  }

  /** Whether the engine starts a container that is given this. Older engines also don't know every capability. */
  async #starts(given: PrivilegeOptions): Promise<boolean> {
    const labels = { [label.cluster]: this.#cluster, [label.kind]: 'helper' }
    try {
      const made = await this.#connection.call((docker) => docker.createContainer({ Image: this.#image(), Labels: labels, HostConfig: { ...given, NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} } } }))
      try {
        await this.#connection.call(() => made.start())
      } finally {
        await this.#connection.call(() => made.remove({ force: true })).catch(() => {})
      }
      return true
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'Refused' && /OCI runtime|unknown capability/.test(error.message)) return false
      throw error
    }
  }
}
