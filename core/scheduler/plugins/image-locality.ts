/** Prefers nodes that have the images already (upstream: plugins/imagelocality). */
import { sayBytes } from '../amounts.ts'
import type { Plugin } from '../plugin.ts'

const mebi = 2 ** 20
const smallest = 23 * mebi
const largestPerContainer = 1_000 * mebi

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  score(pod, view) {
    const shares = new Map(pod.images.map((image) => [image, view.nodesWithImage(image) / Math.max(1, view.nodes.length)]))
    if ([...shares.values()].every((share) => share === 0)) return undefined
    const largest = largestPerContainer * pod.containers
    return {
      raw(node) {
        let sum = 0
        for (const image of pod.images) sum += Math.floor((node.images.get(image) ?? 0) * shares.get(image)!)
        return Math.floor((100 * (Math.min(Math.max(sum, smallest), largest) - smallest)) / (largest - smallest))
      },
      tell(node) {
        const here = pod.images.filter((image) => node.images.has(image))
        return here.length === 0 ? 'has none of its images' : `has ${here.length} of ${pod.images.length} ${pod.images.length === 1 ? 'image' : 'images'} (${sayBytes(here.reduce((sum, image) => sum + node.images.get(image)!, 0))})`
      },
    }
  },
  wakesOn: [],
  helps: () => false,
}
