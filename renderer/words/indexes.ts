/** Index lists of a Job's status, "0-2,5": as a set. Pure. */
const most = 100_000

export function indexesIn(text: string | undefined): Set<number> {
  const found = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    if (part === '') continue
    const [from = '', to = from] = part.split('-')
    for (let i = Number(from); i <= Number(to) && found.size < most; i++) found.add(i)
  }
  return found
}
