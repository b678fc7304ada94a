/** Canonical text of times and bytes. Each throws a RangeError in the words of Go's parsers. */

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** Metav1 Time: UTC, whole seconds. */
export function canonicalTime(text: string): string {
  if (text.length === 20 && text[19] === 'Z' && rfc3339.test(text) && !Number.isNaN(Date.parse(text))) return text
  const ms = rfc3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new RangeError(parseFailure(text, '2006-01-02T15:04:05Z07:00'))
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`
}

/** Metav1 MicroTime: UTC, six digits; exactly six are asked for. */
export function canonicalMicroTime(text: string): string {
  const match = /^(.{19})(\.\d{6})(Z|[+-]\d\d:\d\d)$/.exec(text)
  const ms = match && rfc3339.test(text) ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN
  if (!match || Number.isNaN(ms)) throw new RangeError(parseFailure(text, '2006-01-02T15:04:05.000000Z07:00'))
  return match[3] === 'Z' ? text : `${new Date(ms).toISOString().slice(0, 19)}${match[2]}Z`
}

/** Go tells the first part of the layout that the text does not follow. */
function parseFailure(text: string, layout: string): string {
  const whole = `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}`
  const parts: [RegExp, string][] = [
    [/^\d{4}/, '2006'], [/^-/, '-'], [/^\d\d/, '01'], [/^-/, '-'], [/^\d\d/, '02'], [/^T/, 'T'],
    [/^\d\d/, '15'], [/^:/, ':'], [/^\d\d/, '04'], [/^:/, ':'], [/^\d\d/, '05'],
    layout.includes('.') ? [/^\.\d{6}/, '.000000'] : [/^(\.\d+)?/, ''],
    [/^(Z|[+-]\d\d:\d\d)/, 'Z07:00'],
  ]
  let rest = text
  for (const [pattern, name] of parts) {
    const match = pattern.exec(rest)
    if (!match) return `${whole}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`
    rest = rest.slice(match[0].length)
  }
  if (rest !== '') return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`
  const [month, day, hour] = [Number(text.slice(5, 7)), Number(text.slice(8, 10)), Number(text.slice(11, 13))]
  const what = month < 1 || month > 12 ? 'month' : day < 1 || day > 31 ? 'day' : hour > 23 ? 'hour' : Number(text.slice(14, 16)) > 59 ? 'minute' : Number(text.slice(17, 19)) > 59 ? 'second' : 'day'
  return `parsing time ${JSON.stringify(text)}: ${what} out of range`
}

/** Standard base64 with padding; line breaks are passed over, as Go does. */
export function canonicalBytes(text: string): string {
  const plain = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, '') : text
  const bad = plain.search(/[^A-Za-z0-9+/]/)
  const data = bad < 0 ? plain.length : bad
  const padding = plain.length - data
  const expected = (4 - (data % 4)) % 4
  if (padding === expected && expected !== 3 && plain.slice(data) === '=='.slice(0, padding)) return plain
  throw new RangeError(`illegal base64 data at input byte ${bad >= 0 && plain[bad] !== '=' ? bad : bad < 0 ? data - (data % 4) : data}`)
}
