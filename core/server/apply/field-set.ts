/**
 * Sets of fields, in the very form that managedFields carry (fieldsV1): a tree whose keys are path elements
 * (`f:name`, `k:{"name":"web"}`, `v:"x"`), where a leaf is a member, and `.` says that an inner node is one too.
 * Upstream: sigs.k8s.io/structured-merge-diff/fieldpath. Sets are never changed in place.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet
}

export const leaf: FieldSet = Object.freeze({})

function isLeaf(node: FieldSet): boolean {
  for (const _ in node) return false
  return true
}

export const isMember = (node: FieldSet): boolean => isLeaf(node) || node['.'] !== undefined

/** Undefined stands for the empty set throughout. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || a === b) return b
  if (b === undefined) return a
  if (isLeaf(a)) return isLeaf(b) || b['.'] !== undefined ? b : { '.': leaf, ...b }
  if (isLeaf(b)) return a['.'] !== undefined ? a : { '.': leaf, ...a }
  const result: Record<string, FieldSet> = { ...a }
  for (const element in b) result[element] = element === '.' ? leaf : (union(result[element], b[element]) as FieldSet)
  return result
}

export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a
  const member = isMember(a) && !isMember(b)
  const children: Record<string, FieldSet> = {}
  let some = false
  for (const element in a) {
    if (element === '.') continue
    const rest = b[element] === undefined ? a[element] : difference(a[element], b[element])
    if (rest === undefined) continue
    children[element] = rest
    some = true
  }
  return some ? (member ? { '.': leaf, ...children } : children) : member ? leaf : undefined
}

export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return undefined
  const member = isMember(a) && isMember(b)
  const children: Record<string, FieldSet> = {}
  let some = false
  for (const element in a) {
    if (element === '.' || b[element] === undefined) continue
    const common = intersection(a[element], b[element])
    if (common === undefined) continue
    children[element] = common
    some = true
  }
  return some ? (member ? { '.': leaf, ...children } : children) : member ? leaf : undefined
}

/** Removes whole subtrees, named by their elements. */
export function without(set: FieldSet | undefined, ...path: string[]): FieldSet | undefined {
  const [first, ...rest] = path
  if (set === undefined || first === undefined || set[first] === undefined) return set
  const { [first]: child, ...others } = set
  const kept = rest.length === 0 ? undefined : without(child, ...rest)
  if (kept !== undefined && !(isLeaf(kept) && !isLeaf(child!))) return { ...others, [first]: kept }
  return isLeaf(others) ? undefined : others
}

/** The same set with its elements by name, as upstream writes them: clients compare the bytes. Itself where it is so already. */
export function inOrder(set: FieldSet): FieldSet {
  const elements = Object.keys(set)
  let same = true
  for (let i = 0; i < elements.length && same; i++) {
    const element = elements[i]!
    same = (i === 0 || elements[i - 1]! < element) && inOrder(set[element]!) === set[element]
  }
  return same ? set : Object.fromEntries(elements.sort().map((element) => [element, inOrder(set[element]!)]))
}

/** The members as readable paths: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet): string[] {
  const paths: string[] = []
  const walk = (node: FieldSet, path: string) => {
    if (path !== '' && isMember(node)) paths.push(path)
    for (const element of Object.keys(node).sort()) if (element !== '.') walk(node[element]!, path + elementText(element))
  }
  walk(set, '')
  return paths
}

function elementText(element: string): string {
  const rest = element.slice(2)
  if (element.startsWith('f:')) return `.${rest}`
  if (element.startsWith('k:')) {
    const key = JSON.parse(rest) as Record<string, unknown>
    return `[${Object.entries(key).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
  }
  return element.startsWith('v:') ? `[=${rest}]` : `[${rest}]`
}
