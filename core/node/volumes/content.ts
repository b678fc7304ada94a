/** What files a configMap, secret, downwardAPI or projected volume holds. Pure over the snapshot; throws VolumeError where a source is missing. */
import type { KubeObject } from '../../api/meta.ts'
import type { DownwardAPIVolumeFile, KeyToPath, Pod, Volume, VolumeProjection } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { fieldValue, resourceValue } from '../container/downward.ts'
import type { TokenSource } from '../node-context.ts'
import type { Content, ContentFile } from './atomic.ts'

/** Says, in upstream's words, why a volume can't be set up yet. */
export class VolumeError extends Error {
  readonly volume: string

  constructor(volume: string, message: string) {
    super(message)
    this.volume = volume
  }
}

export interface ContentFacts {
  pod: Pod
  podIP: string
  hostIP: string
  snapshot: Snapshot
  allocatable: Readonly<Record<string, string>>
  /** Service account tokens, where the cluster issues them. */
  token?: TokenSource
  /** Told when a file in the volume has to be made anew. */
  renewAt?: (ms: number) => void
}

type Data = KubeObject & { data?: Record<string, string>; binaryData?: Record<string, string> }

const standardMode = 0o644

export const hasContent = (volume: Volume): boolean => Boolean(volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected)

export const isImage = (volume: Volume): boolean => volume.image !== undefined

/** Keys `Kind/namespace/name` of the objects that a volume is made from. */
export function contentSources(pod: Pod, volume: Volume): string[] {
  const namespace = pod.metadata.namespace ?? ''
  const keys: string[] = []
  const add = (kind: 'ConfigMap' | 'Secret', name: string | undefined) => name && keys.push(`${kind}/${namespace}/${name}`)
  add('ConfigMap', volume.configMap?.name)
  add('Secret', volume.secret?.secretName)
  for (const source of volume.projected?.sources ?? []) {
    add('ConfigMap', source.configMap?.name)
    add('Secret', source.secret?.name)
  }
  return keys
}

/** Whether a token is among the Pod's files. When one written by a process before this one ends is known to nobody here. */
export const carriesToken = ({ spec }: Pod): boolean => (spec.volumes ?? []).some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken))

export async function volumeContent(volume: Volume, facts: ContentFacts): Promise<Content> {
  const files = new Map<string, ContentFile>()
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) fromObject(files, volume, 'ConfigMap', configMap.name, configMap, configMap.defaultMode ?? standardMode, facts)
  if (secret) fromObject(files, volume, 'Secret', secret.secretName, secret, secret.defaultMode ?? standardMode, facts)
  if (downwardAPI) fromPod(files, downwardAPI.items ?? [], downwardAPI.defaultMode ?? standardMode, facts)
  for (const source of projected?.sources ?? []) await fromProjection(files, volume, source, projected?.defaultMode ?? standardMode, facts)
  return files
}

async function fromProjection(files: Map<string, ContentFile>, volume: Volume, source: VolumeProjection, mode: number, facts: ContentFacts): Promise<void> {
  if (source.configMap) fromObject(files, volume, 'ConfigMap', source.configMap.name, source.configMap, mode, facts)
  if (source.secret) fromObject(files, volume, 'Secret', source.secret.name, source.secret, mode, facts)
  if (source.downwardAPI) fromPod(files, source.downwardAPI.items ?? [], mode, facts)
  if (source.serviceAccountToken) {
    const { path, audience, expirationSeconds } = source.serviceAccountToken
    if (!facts.token) throw new VolumeError(volume.name, `MountVolume.SetUp failed for volume "${volume.name}" : this cluster issues no service account tokens`)
    const { token, renewAtMs } = await facts.token(facts.pod, { ...(audience ? { audience } : {}), ...(expirationSeconds ? { expirationSeconds } : {}) }).catch((error: unknown) => {
      throw new VolumeError(volume.name, `MountVolume.SetUp failed for volume "${volume.name}" : failed to fetch token: ${error instanceof Error ? error.message : String(error)}`)
    })
    facts.renewAt?.(renewAtMs)
    const user = onlyUser(facts.pod)
    // Where all containers run as one user, the token is theirs alone (upstream: pkg/volume/projected/projected.go).
    const shared = user === undefined && facts.pod.spec.securityContext?.fsGroup === undefined
    files.set(path, { content: Buffer.from(token), mode: shared ? mode : 0o600, ...(user === undefined ? {} : { user }) })
  }
}

/** The one user that every container says it runs as. */
function onlyUser({ spec }: Pod): number | undefined {
  const users = new Set([...(spec.initContainers ?? []), ...spec.containers].map(({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser))
  return users.size === 1 ? [...users][0] : undefined
}

function fromObject(
  files: Map<string, ContentFile>,
  volume: Volume,
  kind: 'ConfigMap' | 'Secret',
  name: string | undefined,
  source: { items?: KeyToPath[]; optional?: boolean },
  mode: number,
  facts: ContentFacts,
): void {
  const { namespace } = facts.pod.metadata
  const object = facts.snapshot.get<Data>(kind, namespace, name ?? '')
  if (!object) {
    if (source.optional) return
    throw new VolumeError(volume.name, `MountVolume.SetUp failed for volume "${volume.name}" : ${kind.toLowerCase()} "${name}" not found`)
  }
  const bytes = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(object.data ?? {})) bytes.set(key, kind === 'Secret' ? Buffer.from(value, 'base64') : Buffer.from(value))
  for (const [key, value] of Object.entries(object.binaryData ?? {})) bytes.set(key, Buffer.from(value, 'base64'))
  if (!source.items || source.items.length === 0) {
    for (const [key, content] of bytes) files.set(key, { content, mode })
    return
  }
  for (const item of source.items) {
    const content = bytes.get(item.key)
    if (content) files.set(item.path, { content, mode: item.mode ?? mode })
    else if (!source.optional) throw new VolumeError(volume.name, `MountVolume.SetUp failed for volume "${volume.name}" : ${kind.toLowerCase()} references non-existent ${kind === 'Secret' ? 'secret' : 'config'} key: ${item.key}`)
  }
}

function fromPod(files: Map<string, ContentFile>, items: readonly DownwardAPIVolumeFile[], mode: number, facts: ContentFacts): void {
  for (const item of items) {
    const text = item.fieldRef ? fieldValue(facts.pod, item.fieldRef.fieldPath, facts) : item.resourceFieldRef ? resourceValue(facts.pod, undefined, item.resourceFieldRef, facts.allocatable) : ''
    files.set(item.path, { content: Buffer.from(text), mode: item.mode ?? mode })
  }
}
