/** Times as the window says them: 24 hours, seconds where causes matter. */
const two = (n: number): string => String(n).padStart(2, '0')

/** "12:04:31" */
export function clockTime(ms: number, seconds = true): string {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`
}

/** The time today, else "21 Nov 12:04". */
export function dayTime(ms: number, now: number): string {
  if (new Date(ms).toDateString() === new Date(now).toDateString()) return clockTime(ms)
  return `${new Date(ms).getDate()} ${new Date(ms).toLocaleDateString('en', { month: 'short' })} ${clockTime(ms, false)}`
}

/** "+5.1 s", "+2:05" since a cause. */
export function sinceCause(ms: number): string {
  const s = Math.max(0, ms) / 1000
  if (s < 100) return `+${s.toFixed(1)} s`
  if (s < 3600) return `+${Math.floor(s / 60)}:${two(Math.floor(s % 60))}`
  return `+${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}

/** "6 s", "8 min", "2 h", "5 d": an age, coarser the older. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 120) return `${s} s`
  if (s < 7_200) return `${Math.floor(s / 60)} min`
  if (s < 172_800) return `${Math.floor(s / 3600)} h`
  return `${Math.floor(s / 86_400)} d`
}
