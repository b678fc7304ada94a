/**
 * Every plugin, in upstream's default order (pkg/scheduler/apis/config/v1/default_plugins.go). The order decides which
 * reason a node gives. PrioritySort is the queue's order (queue.ts), DefaultBinder is binding.ts.
 */
import type { Plugin } from './plugin.ts'
import { balancedAllocation } from './plugins/balanced-allocation.ts'
import { defaultPreemption } from './plugins/default-preemption.ts'
import { dynamicResources } from './plugins/dynamic-resources.ts'
import { imageLocality } from './plugins/image-locality.ts'
import { interPodAffinity } from './plugins/inter-pod-affinity.ts'
import { nodeAffinity } from './plugins/node-affinity.ts'
import { nodeName } from './plugins/node-name.ts'
import { nodePorts } from './plugins/node-ports.ts'
import { nodeResourcesFit } from './plugins/node-resources-fit.ts'
import { nodeUnschedulable } from './plugins/node-unschedulable.ts'
import { nodeVolumeLimits } from './plugins/node-volume-limits.ts'
import { schedulingGates } from './plugins/scheduling-gates.ts'
import { taintToleration } from './plugins/taint-toleration.ts'
import { topologySpread } from './plugins/topology-spread.ts'
import { volumeBinding } from './plugins/volume-binding.ts'
import { volumeRestrictions } from './plugins/volume-restrictions.ts'
import { volumeZone } from './plugins/volume-zone.ts'

export const plugins: readonly Plugin[] = [
  schedulingGates, nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodePorts, nodeResourcesFit,
  volumeRestrictions, nodeVolumeLimits, volumeBinding, volumeZone,
  topologySpread, interPodAffinity, dynamicResources, defaultPreemption, balancedAllocation, imageLocality,
]

export const pluginByName: ReadonlyMap<string, Plugin> = new Map(plugins.map((plugin) => [plugin.name, plugin]))
