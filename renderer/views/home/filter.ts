/** What the filter leaves bright: by status, by words of name, namespace or image, or by `k=v` label. Pure. */
import type { AppModel } from '../../graph/model.ts'
import type { Filter } from '../../state/window-state.svelte.ts'

export const filters = (filter: Filter): boolean => filter.marks.length > 0 || filter.text.trim() !== ''

export function matches(filter: Filter, app: AppModel): boolean {
  if (filter.marks.length > 0 && !filter.marks.includes(app.state.mark)) return false
  const words = filter.text.trim().toLowerCase().split(/\s+/).filter((word) => word !== '')
  return words.every((word) => {
    const label = /^(app|ns|namespace|node|machine)=(.*)$/.exec(word)
    if (label?.[1] === 'app') return app.name.toLowerCase() === label[2]
    if (label?.[1] === 'ns' || label?.[1] === 'namespace') return app.namespace.toLowerCase() === label[2]
    if (label) return app.workloads.some((workload) => workload.sets.some((set) => set.pods.some((pod) => pod.machine?.toLowerCase() === label[2])))
    return app.name.toLowerCase().includes(word) || app.namespace.toLowerCase().includes(word) || app.state.say.toLowerCase().includes(word)
      || app.workloads.some((workload) => workload.name.toLowerCase().includes(word) || workload.sets.some((set) => set.image.toLowerCase().includes(word) || set.pods.some((pod) => pod.name.toLowerCase().includes(word))))
      || app.services.some((service) => service.name.toLowerCase().includes(word) || service.ways.some((way) => way.title.toLowerCase().includes(word)))
  })
}
