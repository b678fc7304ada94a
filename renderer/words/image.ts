/** Parts of an image reference, with Docker's defaults. Pure. */
export interface ImageParts { registry: string; repository: string; tag: string; digest: string }
/** undefined where the text can be no image reference. */
export function imageParts(image: string): ImageParts | undefined {
  const match = /^(?:([a-z0-9.-]+(?::\d+)?)\/)?([a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image)
  if (!match) return undefined
  let [, registry, repository] = match
  // The first part names a registry only when it looks like a host (docker's own rule).
  if (registry !== undefined && !/[.:]/.test(registry) && registry !== 'localhost') {
    repository = `${registry}/${repository}`
    registry = undefined
  }
  return { registry: registry ?? 'docker.io', repository: repository!, tag: match[3] ?? (match[4] === undefined ? 'latest' : ''), digest: match[4] ?? '' }
}
export const registryName = (registry: string): string => (registry === 'docker.io' ? 'Docker Hub' : registry)
