/** Small words for reasons, which people read in the window. */

/** "a", "a and b", "a, b and 3 more" */
export function enumerate(names: readonly string[], atMost = 3): string {
  if (names.length === 0) return 'none'
  if (names.length === 1) return names[0]!
  if (names.length <= atMost) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${names.slice(0, atMost - 1).join(', ')} and ${names.length - atMost + 1} more`
}

const ordinals = ['', 'a first', 'a second', 'a third', 'a fourth', 'a fifth', 'a sixth', 'a seventh', 'an eighth', 'a ninth', 'a tenth']
/** "a second"; "one more" beyond ten. */
export const ordinal = (n: number): string => ordinals[n] ?? 'one more'

/** `nginx-deployment-5d9c-zb6cj` of `nginx-deployment-5d9c` is `zb6cj`. */
export const shortName = (name: string, ownerName: string): string => (name.startsWith(`${ownerName}-`) && name.length > ownerName.length + 1 ? name.slice(ownerName.length + 1) : name)

/** "1 is", "2 are" */
export const are = (n: number): string => `${n} ${n === 1 ? 'is' : 'are'}`
