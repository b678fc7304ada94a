/** A Pod that names its node fits only there (upstream: plugins/nodename). */
import { changedNode, type Plugin } from '../plugin.ts'

const rejection = { reasons: ["node(s) didn't match the requested node name"], unresolvable: true }

export const nodeName: Plugin = {
  name: 'NodeName',
  filter(pod) {
    const wanted = pod.pod.spec.nodeName
    if (!wanted) return undefined
    return {
      test: (node) => (node.name === wanted ? undefined : rejection),
      tell: (node) => (node.name === wanted ? 'the node it names' : `it names ${wanted}`),
      summary: () => `it names the node ${wanted}, which is not there`,
    }
  },
  wakesOn: ['Node'],
  helps: (pod, change) => changedNode(change, 'added')?.name === pod.pod.spec.nodeName,
}
