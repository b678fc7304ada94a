/**
 * The CSINode of a node: the driver of our own volumes, and which built-in volume types upstream's nodes leave to
 * drivers. Upstream: pkg/volume/csi/nodeinfomanager, pkg/volume/csi/csi_plugin.go.
 */
import type { KubeObject } from '../../api/meta.ts'
import type { Because } from '../../api/request.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import { dockerVolumeDriver } from '../../api/storage/local-storage.ts'
import type { CSINode } from '../../api/types/storage.ts'
import type { Client } from '../../loop/client.ts'

const migratedAnnotation = 'storage.alpha.kubernetes.io/migrated-plugins'
const migrated = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'].map((name) => `kubernetes.io/${name}`).join(',')

/** One that another node of this name left behind goes first: the garbage collection would take it later on. */
export async function ensureCsiNode(client: Client, { metadata: { name, uid } }: KubeObject): Promise<void> {
  const because: Because = { code: 'CSINode', say: 'said which volume drivers it has', why: 'the node is registered', led: [], quiet: true }
  const driver = { name: dockerVolumeDriver, nodeID: name }
  const object = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, annotations: { [migratedAnnotation]: migrated }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
    spec: { drivers: [driver] },
  }
  try {
    await client.create(object, { because })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const found = await client.get<CSINode>({ kind: 'CSINode', name })
    if (!found.metadata.ownerReferences?.length || found.metadata.ownerReferences.some((owner) => owner.uid === uid)) {
      const drivers = found.spec.drivers ?? []
      if (!drivers.some((other) => other.name === driver.name)) await client.patch({ kind: 'CSINode', name }, { type: 'merge', body: { metadata: { resourceVersion: found.metadata.resourceVersion }, spec: { drivers: [...drivers, driver] } } }, { because })
      return
    }
    await client.delete({ kind: 'CSINode', name, uid: found.metadata.uid }, { because }).catch((gone: unknown) => {
      if (!isNotFound(gone)) throw gone
    })
    await client.create(object, { because })
  }
}
