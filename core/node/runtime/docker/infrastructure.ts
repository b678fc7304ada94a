/**
 * What this cluster owns on the engine besides Pods: one bridge network, one container per logical node (its address),
 * and one helper in the machine's own network namespace that applies rulesets. Each is found by label, made where missing.
 */
import type Docker from 'dockerode'
import { RuntimeError } from '../../runtime.ts'
import type { Connection } from './connection.ts'
import { execSession } from './exec.ts'
import { HelperShell, type Ran } from './helper-shell.ts'
import { label } from './labels.ts'

export interface Layout {
  cluster: string
  /** Of all Pods, e.g. 10.244.0.0/16. */
  podCidr: string
}

const applyWithinMs = 20_000
/** Upstream's score for what keeps a node alive. */
const nodeOomScore = -998

export const networkName = (cluster: string): string => `orrery-${cluster}`
/** Interface names have at most 15 characters. */
export const bridgeName = (cluster: string): string => `orr-${cluster}`.slice(0, 15)

export async function ensureNetwork(connection: Connection, { cluster, podCidr }: Layout): Promise<void> {
  const name = networkName(cluster)
  try {
    const found = (await connection.call((docker) => docker.getNetwork(name).inspect())) as Docker.NetworkInspectInfo
    const subnet = found.IPAM?.Config?.[0]?.Subnet
    if (subnet !== undefined && subnet !== podCidr) throw new RuntimeError('Conflict', `network ${name} has the range ${subnet}, not ${podCidr}`)
    return
  } catch (error) {
    if (!(error instanceof RuntimeError && error.code === 'NotFound')) throw error
  }
  await connection.call((docker) =>
    docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      IPAM: { Driver: 'default', Config: [{ Subnet: podCidr }] },
      Options: { 'com.docker.network.bridge.name': bridgeName(cluster), 'com.docker.network.bridge.enable_icc': 'true' },
      Labels: { [label.cluster]: cluster },
    }),
  )
}

/** Finds or makes a running container of that name; resolves with its id and address. */
async function ensureContainer(connection: Connection, options: Docker.ContainerCreateOptions & { name: string }): Promise<{ id: string; ip: string; mayProtect: boolean }> {
  for (let attempt = 0; ; attempt++) {
    try {
      const found = await connection.call((docker) => docker.getContainer(options.name).inspect())
      if (found.State.Running && found.Config.Image === options.Image) {
        const mayProtect = found.Config.Labels?.[label.protected] === 'true'
        return { id: found.Id, ip: Object.values(found.NetworkSettings.Networks)[0]?.IPAddress ?? '', mayProtect }
      }
      await connection.call((docker) => docker.getContainer(options.name).remove({ force: true }))
    } catch (error) {
      if (!(error instanceof RuntimeError && error.code === 'NotFound')) throw error
    }
    try {
      const made = await connection.call((docker) => docker.createContainer(options))
      await connection.call(() => made.start())
    } catch (error) {
      // Someone else made it meanwhile (another start of this home): look again.
      if (attempt >= 2 || !(error instanceof RuntimeError && error.code === 'Conflict')) throw error
    }
  }
}

/** Also finds out whether the engine may protect processes from the memory killer: an engine inside a container often may not. */
export async function ensureNodeContainer(
  connection: Connection,
  { cluster }: Layout,
  image: string,
  node: string,
): Promise<{ id: string; ip: string; mayProtect: boolean }> {
  const options = (oomScoreAdj: number) => ({
    name: nodeContainerName(cluster, node),
    Image: image,
    Hostname: node,
    Labels: { [label.cluster]: cluster, [label.kind]: 'node', [label.node]: node, [label.protected]: String(oomScoreAdj < 0) },
    HostConfig: { NetworkMode: networkName(cluster), OomScoreAdj: oomScoreAdj, LogConfig: { Type: 'none', Config: {} } },
  })
  try {
    return await ensureContainer(connection, options(nodeOomScore))
  } catch (error) {
    if (!(error instanceof RuntimeError && error.code === 'Refused' && /OCI runtime/.test(error.message))) throw error
    return ensureContainer(connection, options(0))
  }
}
export const nodeContainerName = (cluster: string, node: string): string => `orrery_${cluster}_node_${node}`

export class Helper {
  readonly #connection: Connection
  readonly #cluster: string
  readonly #image: () => string
  #shell: Promise<HelperShell> | undefined

  constructor(connection: Connection, cluster: string, image: () => string) {
    this.#connection = connection
    this.#cluster = cluster
    this.#image = image
  }

  /** After the engine was away the helper may be another one. */
  forget(): void {
    this.#shell?.then((shell) => shell.close(), () => {})
    this.#shell = undefined
  }

  /** Feeds nftables in one transaction; throws RuntimeError with nft's own words where it refuses. */
  async applyRuleset(text: string): Promise<void> {
    const { exitCode, output } = await this.#run(['nft', '-f', '-'], text, applyWithinMs)
    if (exitCode !== 0) throw new RuntimeError('Refused', `nft: ${output.trim()}`)
  }

  /** A short command in the machine's network namespace. */
  run(command: readonly string[], timeoutMs: number): Promise<Ran> {
    return this.#run(command, '', timeoutMs)
  }

  /**
   * Lets Pods reach themselves through their Service: a bridge sends a frame back through the port it came from only
   * where that port says so.
   */
  async allowHairpin(): Promise<void> {
    const { exitCode, output } = await this.run(['bridge', '-j', '-d', 'link', 'show'], 5000)
    if (exitCode !== 0) return
    const ports = JSON.parse(output) as { ifname: string; master?: string; hairpin?: boolean }[]
    for (const port of ports) {
      if (port.master !== bridgeName(this.#cluster) || port.hairpin === true) continue
      await this.run(['bridge', 'link', 'set', 'dev', port.ifname, 'hairpin', 'on'], 5000)
    }
  }

  async #run(command: readonly string[], input: string, timeoutMs: number): Promise<Ran> {
    try {
      return await (await this.#open()).run(command, input, timeoutMs)
    } catch (error) {
      // Removed or stopped behind our back: once more with a new one.
      if (!(error instanceof RuntimeError && (error.code === 'NotFound' || error.code === 'Conflict'))) throw error
      this.forget()
      return await (await this.#open()).run(command, input, timeoutMs)
    }
  }

  async #open(): Promise<HelperShell> {
    const before = this.#shell
    const shell = await before?.catch(() => undefined)
    if (shell && !shell.ended) return shell
    if (this.#shell === before) this.#shell = this.#start()
    return this.#shell!
  }

  async #start(): Promise<HelperShell> {
    const { id } = await ensureContainer(this.#connection, {
      name: `orrery_${this.#cluster}_helper`,
      Image: this.#image(),
      Labels: { [label.cluster]: this.#cluster, [label.kind]: 'helper' },
      HostConfig: { NetworkMode: 'host', CapAdd: ['NET_ADMIN'], LogConfig: { Type: 'none', Config: {} } },
    })
    return new HelperShell(await execSession(this.#connection, id, { command: ['sh'], stdin: true, tty: false, signal: new AbortController().signal }))
  }
}
