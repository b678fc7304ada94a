/**
 * The text form in which programs tell their metrics (Prometheus text exposition format 0.0.4, and what OpenMetrics shares
 * with it). Lines that are none are passed over, so that one bad line does not silence the rest.
 */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Its value only ever grows: what counts is how fast. */
  readonly isCounter: boolean
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{.*\})?\s+(\S+)(?:\s+-?[0-9.]+)?(?:\s+#.*)?\s*$/
const labelPair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y
const growing = /_(total|count|sum|bucket)$/

export function parseExposition(text: string): Sample[] {
  const types = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) {
      const [, what, name, type] = line.trim().split(/\s+/)
      if (what === 'TYPE' && name !== undefined && type !== undefined) types.set(name, type)
      continue
    }
    const [, name, braces = '{}', number] = sampleLine.exec(line) ?? []
    if (name === undefined || number === undefined) continue
    const value = numberOf(number)
    const labels = labelsOf(braces.slice(1, -1))
    if (value !== undefined && labels) samples.push({ name, labels, value, isCounter: isCounter(name, types) })
  }
  return samples
}

/** The parts of a histogram or summary are named after it; quantiles are no counters. */
function isCounter(name: string, types: ReadonlyMap<string, string>): boolean {
  const whole = name.replace(growing, '')
  const type = types.get(name) ?? types.get(whole)
  if (type === 'gauge' || type === 'gaugehistogram') return false
  if (type === 'counter') return true
  if (type === 'histogram' || type === 'summary') return name !== whole
  return name.endsWith('_total')
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  while (labelPair.lastIndex < text.length) {
    const [, name, value] = labelPair.exec(text) ?? []
    if (name === undefined || value === undefined) return text.slice(labelPair.lastIndex).trim() === '' ? labels : undefined
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return labels
}

/** What is no number, or has no end, cannot be scaled by. */
function numberOf(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}
