/**
 * The storage that Orrery provides by itself: what provisioner (controllers), scheduler and node agent agree on.
 *
 * A volume of class `standard` is a volume of the container engine: a PersistentVolume with a `csi` source of our driver,
 * whose handle is the engine volume's name, and an affinity to the node that it was made for. One of class `hostpath` is a
 * folder of the machine (`local` source, the same affinity). The node agent makes the data at the first mount and takes it
 * away; until then a finalizer holds the PersistentVolume.
 */
import type { PersistentVolume } from '../types/core.ts'

/** Driver and provisioner are one name, as with any CSI driver. */
export const dockerVolumeDriver = 'docker-volume.orrery.dev'
export const hostPathProvisioner = 'hostpath.orrery.dev'
export const localProvisioners: ReadonlySet<string> = new Set([dockerVolumeDriver, hostPathProvisioner])

/** Its data is still there. */
export const volumeDataFinalizer = 'orrery.dev/volume-data'

/** The engine volume behind a PersistentVolume, where it is one of ours. */
export const engineVolume = ({ spec }: PersistentVolume): string | undefined => (spec.csi?.driver === dockerVolumeDriver ? spec.csi.volumeHandle : undefined)

export const hostnameLabel = 'kubernetes.io/hostname'
