/** How durations are printed in tables: two or three significant figures, `5d3h`. Upstream: apimachinery/pkg/util/duration. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return joined(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.floor(days / 365)
  if (hours < 24 * 365 * 8) return joined(years, 'y', days % 365, 'd')
  return `${years}y`
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string) => (small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`)

/** Time since a stored timestamp; `<unknown>` where there is none. */
export const age = (timestamp: string | null | undefined, nowMs: number): string =>
  timestamp === null || timestamp === undefined || timestamp === '' ? '<unknown>' : humanDuration(nowMs - Date.parse(timestamp))
