/**
 * Cron schedules as CronJobs know them: five fields, names, `?`, descriptors and `@every`, with the error sentences that
 * upstream shows (github.com/robfig/cron/v3, parser.go, ParseStandard).
 */
import { parseDuration } from './duration.ts'
import { knownZone, Zone } from './zone.ts'

/** The values at which one field fires. */
export interface Field {
  readonly at: ReadonlySet<number>
  /** It was `*` or `?`, which leaves the choice of the day to the other day field. */
  readonly any: boolean
}

export type Schedule =
  | { readonly kind: 'every'; readonly delayMs: number }
  | { readonly kind: 'times'; readonly minute: Field; readonly hour: Field; readonly dayOfMonth: Field; readonly month: Field; readonly dayOfWeek: Field; readonly zone: Zone }

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const minutes: Bounds = { min: 0, max: 59 }
const hours: Bounds = { min: 0, max: 23 }
const daysOfMonth: Bounds = { min: 1, max: 31 }
const months: Bounds = { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] }
const daysOfWeek: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

class Complaint extends Error {}

/** The schedule, in `zone` where its text names none; or what is wrong with it. */
export function parseSchedule(text: string, zone: Zone): Schedule | string {
  try {
    return parse(text, zone)
  } catch (error) {
    if (error instanceof Complaint) return error.message
    throw error
  }
}

function parse(text: string, zone: Zone): Schedule {
  if (text === '') throw new Complaint('empty spec string')
  let rest = text
  let inZone = zone
  if (text.startsWith('TZ=') || text.startsWith('CRON_TZ=')) {
    const space = text.indexOf(' ')
    // Where upstream's parser breaks, its caller says so.
    if (space < 0) throw new Complaint('invalid schedule format: runtime error: slice bounds out of range [:-1]')
    const name = text.slice(text.indexOf('=') + 1, space)
    const named = knownZone(name)
    if (!named) throw new Complaint(`provided bad location ${name}: unknown time zone ${name}`)
    inZone = named
    rest = text.slice(space).trim()
  }
  if (rest.startsWith('@every ')) {
    const delay = parseDuration(rest.slice('@every '.length))
    if (typeof delay === 'string') throw new Complaint(`failed to parse duration ${rest}: ${delay}`)
    return { kind: 'every', delayMs: Math.max(1, Math.floor(delay / 1000)) * 1000 }
  }
  if (rest.startsWith('@')) {
    const fields = descriptors[rest]
    if (fields === undefined) throw new Complaint(`unrecognized descriptor: ${rest}`)
    rest = fields
  }
  const fields = rest.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) throw new Complaint(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  return {
    kind: 'times',
    minute: parseField(fields[0]!, minutes),
    hour: parseField(fields[1]!, hours),
    dayOfMonth: parseField(fields[2]!, daysOfMonth),
    month: parseField(fields[3]!, months),
    dayOfWeek: parseField(fields[4]!, daysOfWeek),
    zone: inZone,
  }
}

function parseField(text: string, bounds: Bounds): Field {
  const at = new Set<number>()
  let any = false
  for (const part of text.split(',')) {
    if (part !== '' && parseRange(part, bounds, at)) any = true
  }
  return { at, any }
}

/** Adds what `low-high/step` names; true where it leaves everything open. */
function parseRange(text: string, bounds: Bounds, at: Set<number>): boolean {
  const [range = '', stepText, ...moreSlashes] = text.split('/')
  const [low = '', high, ...moreHyphens] = range.split('-')
  let start = bounds.min
  let end = bounds.max
  const open = low === '*' || low === '?'
  if (!open) {
    start = number(low, bounds)
    if (moreHyphens.length > 0) throw new Complaint(`too many hyphens: ${text}`)
    end = high === undefined ? start : number(high, bounds)
  }
  let step = 1
  if (moreSlashes.length > 0) throw new Complaint(`too many slashes: ${text}`)
  if (stepText !== undefined) {
    step = number(stepText)
    if (high === undefined) end = bounds.max
  }
  if (start < bounds.min) throw new Complaint(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`)
  if (end > bounds.max) throw new Complaint(`end of range (${end}) above maximum (${bounds.max}): ${text}`)
  if (start > end) throw new Complaint(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  if (step === 0) throw new Complaint(`step of range should be a positive number: ${text}`)
  for (let value = start; value <= end; value += step) at.add(value)
  return open && step === 1
}

function number(text: string, bounds?: Bounds): number {
  const named = bounds?.names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + bounds!.min
  if (!/^[-+]?\d+$/.test(text)) throw new Complaint(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const value = Number(text)
  if (Math.abs(value) >= 2 ** 63) throw new Complaint(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`)
  if (value < 0) throw new Complaint(`negative number (${value}) not allowed: ${text}`)
  return value
}
