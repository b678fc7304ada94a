/**
 * A time zone of the IANA database: wall clock of an instant and back. The data is the JavaScript engine's, so that every
 * process of one version answers alike. Where Go's time.LoadLocation knows a name by its exact spelling, case is ignored here.
 */

export interface WallClock {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 is Sunday. */
  readonly weekday: number
}

const minuteMs = 60_000

export class Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat | undefined

  /** Throws a RangeError for a zone that nobody knows; see `knownZone`. */
  constructor(name: string) {
    this.name = name
    if (name === '' || name === 'UTC') return
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  }

  wallClock(ms: number): WallClock {
    const shifted = new Date(ms + this.offsetMs(ms))
    return {
      year: shifted.getUTCFullYear(),
      month: shifted.getUTCMonth() + 1,
      day: shifted.getUTCDate(),
      hour: shifted.getUTCHours(),
      minute: shifted.getUTCMinutes(),
      second: shifted.getUTCSeconds(),
      weekday: shifted.getUTCDay(),
    }
  }

  /** East of Greenwich is positive. */
  offsetMs(ms: number): number {
    if (!this.#format) return 0
    const part: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(ms)) part[type] = Number(value)
    const seconds = Math.floor(ms / 1000) * 1000
    return Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!, part['second']!) - seconds
  }

  /** The instant of a wall clock; days and months beyond their range carry over. In a gap, the offset before or after it counts. */
  instant(year: number, month: number, day: number, hour = 0): number {
    const asUtc = Date.UTC(year, month - 1, day, hour)
    const guess = this.offsetMs(asUtc)
    if (guess === 0) return asUtc
    return asUtc - this.offsetMs(asUtc - guess)
  }

  /** RFC 3339 with the zone's offset; Z for UTC. */
  timestamp(ms: number): string {
    const offset = this.offsetMs(ms)
    const local = new Date(ms + offset).toISOString().slice(0, 19)
    if (offset === 0) return `${local}Z`
    const minutes = Math.round(Math.abs(offset) / minuteMs)
    const two = (n: number) => String(n).padStart(2, '0')
    return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  }
}

/** The zone, or undefined where there is none of that name. Offsets such as `+05:00`, which engines accept, are no names. */
export function knownZone(name: string): Zone | undefined {
  if (/^[-+\d]/.test(name)) return undefined
  try {
    return new Zone(name)
  } catch {
    return undefined
  }
}
