/** The level of a log line, read from the usual formats (JSON, logfmt, klog, nginx, bracketed, access logs); `info` where nothing says otherwise. Pure. */
export type Level = 'error' | 'warning' | 'info' | 'debug'
export const levels: readonly Level[] = ['error', 'warning', 'info', 'debug']

const words: Record<string, Level> = {
  emerg: 'error', alert: 'error', crit: 'error', critical: 'error', fatal: 'error', panic: 'error', error: 'error', err: 'error', severe: 'error', e: 'error', f: 'error',
  warn: 'warning', warning: 'warning', w: 'warning',
  notice: 'info', info: 'info', information: 'info', i: 'info', log: 'info',
  debug: 'debug', trace: 'debug', verbose: 'debug', fine: 'debug', d: 'debug', t: 'debug',
}
const pino: Record<number, Level> = { 10: 'debug', 20: 'debug', 30: 'info', 40: 'warning', 50: 'error', 60: 'error' }

const jsonLevel = /"(?:level|lvl|severity|log\.level|loglevel)"\s*:\s*(?:"([A-Za-z]+)"|(\d{2}))/i
const logfmt = /(?:^|\s)(?:level|lvl|severity)=["']?([A-Za-z]+)/i
const klog = /^([IWEF])\d{4} \d\d:\d\d:\d\d/
const letter = /\[([EWIDFT])\]/
const bracket = /[[(<|]\s*(emerg|alert|crit(?:ical)?|fatal|error|err|warn(?:ing)?|notice|info|debug|trace)\s*[\])>|:]/i
const word = /(?:^|[\s:])(EMERG|ALERT|CRIT(?:ICAL)?|FATAL|PANIC|ERROR|ERR|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)(?=[\s:\]]|$)/
const leading = /^\W{0,3}(fatal|panic|error|warn(?:ing)?|debug|trace|info)\b[:\s]/i
const access = /" (\d{3}) \d+/

export function levelOf(text: string, stream: 'stdout' | 'stderr'): Level {
  const head = text.length > 400 ? text.slice(0, 400) : text
  if (head.startsWith('{')) {
    const json = jsonLevel.exec(text.length > 4000 ? text.slice(0, 4000) : text)
    if (json) return (json[1] === undefined ? pino[Number(json[2])] : words[json[1].toLowerCase()]) ?? 'info'
  }
  const named = logfmt.exec(head)?.[1] ?? klog.exec(head)?.[1] ?? letter.exec(head)?.[1] ?? bracket.exec(head)?.[1] ?? word.exec(head)?.[1] ?? leading.exec(head)?.[1]
  if (named !== undefined) return words[named.toLowerCase()] ?? 'info'
  const status = access.exec(head)?.[1]
  if (status !== undefined) return status.startsWith('5') ? 'error' : status.startsWith('4') ? 'warning' : 'info'
  if (stream === 'stderr' && /^(Traceback |Exception|Unhandled|Uncaught|\s+at .+:\d+|Segmentation fault)/.test(head)) return 'error'
  return 'info'
}
