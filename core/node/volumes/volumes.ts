/**
 * A Pod's volumes on this machine: under <root>/<pod uid>/volumes/<name>, or a memory volume of the engine. Set up before
 * the first container, refreshed when a source changes, taken away with the Pod.
 */
import { chmod, chown, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { storageAnnotation } from '../../api/kinds/storage/names.ts'
import { engineVolume, localProvisioners } from '../../api/storage/local-storage.ts'
import { quantityValue } from '../../api/quantity.ts'
import type { Container, Pod, Volume } from '../../api/types/core.ts'
import { ConfigError, expand } from '../container/environment.ts'
import { RuntimeError, type Mount, type Runtime } from '../runtime.ts'
import { writeContent } from './atomic.ts'
import { claimedVolume, isClaimed } from './claims.ts'
import { hasContent, isImage, volumeContent, VolumeError, type ContentFacts } from './content.ts'
import type { MountTries } from './mount-tries.ts'

export interface PreparedVolume {
  source: string
  readOnly: boolean
  /** Nothing may be made inside. */
  isImage?: boolean
}

/** By the volume's name in the Pod. */
export type Prepared = ReadonlyMap<string, PreparedVolume>

export interface PodFolders {
  /** The Pod's own folder. */
  root: string
  hosts: string
  resolv: string
  termination(container: string, attempt: number): string
}

export function podFolders(base: string, uid: string): PodFolders {
  const root = join(base, uid)
  return { root, hosts: join(root, 'hosts'), resolv: join(root, 'resolv.conf'), termination: (container, attempt) => join(root, 'containers', `${container}-${attempt}`) }
}

const memoryVolume = (pod: Pod, volume: Volume) => `orrery-${pod.metadata.uid}-${volume.name}`
const inMemory = (volume: Volume) => volume.emptyDir?.medium === 'Memory'

export async function prepareVolumes(runtime: Runtime, folders: PodFolders, facts: ContentFacts, node: string, tries: MountTries): Promise<Prepared> {
  const { volumes = [] } = facts.pod.spec
  if (!runtime.mountsFiles) return tries.setUp(facts.pod, volumes, (volume) => pretendVolume(runtime, folders, volume, facts, node))
  await mkdir(join(folders.root, 'volumes'), { recursive: true })
  return tries.setUp(facts.pod, volumes, (volume) => prepareVolume(runtime, folders, volume, facts, node))
}

async function prepareVolume(runtime: Runtime, folders: PodFolders, volume: Volume, facts: ContentFacts, node: string): Promise<PreparedVolume | undefined> {
  const { pod } = facts
  const group = pod.spec.securityContext?.fsGroup
  const folder = join(folders.root, 'volumes', volume.name)
  if (inMemory(volume)) {
    const sizeBytes = volume.emptyDir?.sizeLimit === undefined ? undefined : quantityValue(volume.emptyDir.sizeLimit)
    const { namespace = '', name, uid } = pod.metadata
    await runtime.createMemoryVolume(memoryVolume(pod, volume), { pod: { namespace, name, uid }, node, ...(sizeBytes ? { sizeBytes } : {}) })
    return { source: memoryVolume(pod, volume), readOnly: false }
  }
  if (volume.hostPath) return { source: await hostPath(volume), readOnly: false }
  if (hasContent(volume)) {
    await writeContent(folder, await volumeContent(volume, facts), group)
    return { source: folder, readOnly: true }
  }
  if (volume.emptyDir || Object.keys(volume).length === 1) {
    await mkdir(folder, { recursive: true })
    await chmod(folder, group === undefined ? 0o777 : 0o2777)
    if (group !== undefined) await chown(folder, process.getuid?.() ?? 0, group).catch(() => {})
    return { source: folder, readOnly: false }
  }
  if (isClaimed(volume)) return mountClaim(runtime, volume, facts, node)
  if (isImage(volume)) return undefined
  if (volume.csi) throw driverMissing(volume.name, volume.name, 'MountVolume.SetUp failed', 'mounter.SetUpAt failed to get CSI client', volume.csi.driver)
  const type = Object.keys(volume).find((key) => key !== 'name')
  throw new VolumeError(volume.name, `MountVolume.SetUp failed for volume "${volume.name}" : volumes of type ${type} are not offered by this node`)
}

/** Without files, sources must still be there. */
async function pretendVolume(runtime: Runtime, folders: PodFolders, volume: Volume, facts: ContentFacts, node: string): Promise<PreparedVolume | undefined> {
  if (hasContent(volume)) await volumeContent(volume, { ...facts, token: async () => ({ token: '', renewAtMs: Infinity }) })
  if (isClaimed(volume)) return mountClaim(runtime, volume, facts, node)
  return isImage(volume) ? undefined : { source: join(folders.root, 'volumes', volume.name), readOnly: hasContent(volume) }
}

/** What a claim stands for: a volume of the engine, or a folder of the machine. */
async function mountClaim(runtime: Runtime, volume: Volume, { pod, snapshot }: ContentFacts, node: string): Promise<PreparedVolume> {
  const { volume: persistent, claim, readOnly } = claimedVolume(pod, volume, node, snapshot)
  const group = pod.spec.securityContext?.fsGroup
  const engine = engineVolume(persistent)
  if (engine !== undefined) {
    await runtime.ensureVolume(engine, { about: { 'orrery.dev/claim': `${claim.metadata.namespace}/${claim.metadata.name}`, 'orrery.dev/volume': persistent.metadata.name }, ...(group === undefined ? {} : { group }) })
    return { source: engine, readOnly }
  }
  const { local, hostPath: folder, csi } = persistent.spec
  if (csi) throw driverMissing(volume.name, persistent.metadata.name, 'MountVolume.MountDevice failed', 'attacher.MountDevice failed to create newCsiDriverClient', csi.driver)
  if (folder) return { source: runtime.mountsFiles ? await hostPath({ name: volume.name, hostPath: folder }) : folder.path, readOnly }
  if (!local) throw new VolumeError(volume.name, `MountVolume.SetUp failed for volume "${volume.name}" : volume ${persistent.metadata.name} is of a type that this node does not offer`)
  if (runtime.mountsFiles) await localFolder(volume.name, local.path, localProvisioners.has(persistent.metadata.annotations?.[storageAnnotation.provisionedBy] ?? ''), group)
  return { source: local.path, readOnly }
}

/** Drivers other than the built-in ones have no way to offer themselves to this node; upstream's words for one that has not (pkg/volume/csi). */
const driverMissing = (volume: string, shown: string, failed: string, where: string, driver: string): VolumeError =>
  new VolumeError(volume, `${failed} for volume "${shown}" : kubernetes.io/csi: ${where}: driver name ${driver} not found in the list of registered CSI drivers`)

/** A folder that somebody else provides must be there; one of ours is made at the first mount. */
async function localFolder(volume: string, path: string, isOurs: boolean, group: number | undefined): Promise<void> {
  const made = isOurs ? await mkdir(path, { recursive: true }) : undefined
  if (!isOurs && !(await stat(path).catch(() => undefined))) throw new VolumeError(volume, `MountVolume.NewMounter initialization failed for volume "${volume}" : path "${path}" does not exist`)
  if (made !== undefined) await chmod(path, 0o777)
  if (group === undefined) return
  await chown(path, process.getuid?.() ?? 0, group).catch(() => {})
  await chmod(path, 0o2777).catch(() => {})
}

/** Rewrites what is made from objects. */
export async function refreshVolumes(folders: PodFolders, facts: ContentFacts, tries: MountTries): Promise<void> {
  const { volumes = [], securityContext } = facts.pod.spec
  await tries.setUp(facts.pod, volumes.filter(hasContent), async (volume) => writeContent(join(folders.root, 'volumes', volume.name), await volumeContent(volume, facts), securityContext?.fsGroup), 'keeps the old files of')
}

/** The memory volumes that the sandbox holds open. */
export const heldVolumes = (pod: Pod): string[] => (pod.spec.volumes ?? []).filter(inMemory).map((volume) => memoryVolume(pod, volume))

export async function containerMounts(container: Container, prepared: Prepared, env: readonly { name: string; value: string }[], runtime: Pick<Runtime, 'mountsFiles' | 'volumeFolder'>): Promise<Mount[]> {
  const mounts: Mount[] = []
  for (const mount of container.volumeMounts ?? []) {
    const volume = prepared.get(mount.name)
    if (!volume) throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`)
    const values = new Map(env.map(({ name, value }) => [name, value]))
    const subPath = mount.subPathExpr ? expand(mount.subPathExpr, (name) => values.get(name)) : mount.subPath
    if (mount.subPathExpr && /\$\(/.test(subPath!)) throw new ConfigError(`failed to expand subPathExpr for volumeMount "${mount.name}"`)
    const source = subPath && runtime.mountsFiles ? await subFolder(container, mount.name, volume, subPath, runtime) : volume.source
    // The engine insists on it for what lies in its own folder.
    const inEngine = subPath !== undefined && runtime.mountsFiles && !volume.source.startsWith('/')
    const propagation = mount.mountPropagation === 'Bidirectional' ? 'rshared' : mount.mountPropagation === 'HostToContainer' || inEngine ? 'rslave' : undefined
    mounts.push({ source, target: mount.mountPath, readOnly: volume.readOnly || (mount.readOnly ?? false), ...(propagation ? { propagation } : {}) })
  }
  return mounts
}

async function subFolder(container: Container, volume: string, { source, isImage }: PreparedVolume, subPath: string, runtime: Pick<Runtime, 'volumeFolder'>): Promise<string> {
  const fail = () => new ConfigError(`failed to prepare subPath for volumeMount "${volume}" of container "${container.name}"`)
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw fail()
  if (!source.startsWith('/')) {
    return runtime.volumeFolder(source, subPath, isImage ? 'fail' : 'make').catch((error: unknown) => {
      if (isImage && error instanceof RuntimeError && error.code !== 'EngineUnreachable') throw new RuntimeError('CannotStart', `ImageVolumeMountFailed: failed to mount image volume "${volume}" of container "${container.name}": ${error.message}`)
      throw error instanceof RuntimeError && error.code === 'Refused' ? fail() : error
    })
  }
  const wanted = join(source, subPath)
  try {
    await realpath(wanted)
  } catch {
    await mkdir(wanted, { recursive: true, mode: 0o777 })
    await chmod(wanted, ((await stat(source)).mode & 0o7777) | 0o700)
  }
  // A link inside the volume must not lead out of it.
  const base = await realpath(source)
  const real = await realpath(wanted)
  if (real !== base && !real.startsWith(base + sep)) throw fail()
  return real
}

async function hostPath({ name, hostPath }: Volume): Promise<string> {
  const { path, type = '' } = hostPath!
  const info = await stat(path).catch(() => undefined)
  const fail = (what: string) => new VolumeError(name, `MountVolume.SetUp failed for volume "${name}" : hostPath type check failed: ${path} is not ${what}`)
  const checks: Record<string, [what: string, right: boolean | undefined]> = {
    Directory: ['a directory', info?.isDirectory()],
    File: ['a file', info?.isFile()],
    Socket: ['a socket file', info?.isSocket()],
    CharDevice: ['a character device', info?.isCharacterDevice()],
    BlockDevice: ['a block device', info?.isBlockDevice()],
  }
  const check = checks[type]
  if (check && !check[1]) throw fail(check[0])
  if (type === 'DirectoryOrCreate' && info && !info.isDirectory()) throw fail('a directory')
  if (type === 'FileOrCreate' && info && !info.isFile()) throw fail('a file')
  if (!info && type === 'FileOrCreate') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '', { mode: 0o644 })
  } else if (!info) await mkdir(path, { recursive: true, mode: 0o755 })
  return path
}

export async function removePodFolder(runtime: Runtime, folders: PodFolders, pod: { metadata: { uid: string }; spec?: { volumes?: Volume[] } }): Promise<void> {
  if (!runtime.mountsFiles) return
  if (!pod.spec || (pod.spec.volumes ?? []).some(inMemory)) await runtime.removeVolumes(pod.metadata.uid)
  if (!pod.spec || (pod.spec.volumes ?? []).some(isImage)) await runtime.releaseImageVolumes(pod.metadata.uid)
  try {
    await rm(folders.root, { recursive: true, force: true })
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as { code?: string }).code ?? '')) throw error
    // Written by a container's root while Orrery itself is an ordinary user.
    await runtime.removeTree(folders.root)
  }
}
