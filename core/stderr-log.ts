/** Logs of a running Orrery: one JSON line an entry on stderr, so that stdout stays the contract's one line. ORRERY_LOG sets the least level. */
import { logger, type Level, type Logger } from './base/log.ts'

const order: readonly Level[] = ['debug', 'info', 'warn', 'error']

export function stderrLogger(): Logger {
  const wanted = order.indexOf((process.env['ORRERY_LOG'] ?? 'warn') as Level)
  const least = wanted < 0 ? order.indexOf('warn') : wanted
  return logger((level, message, fields) => {
    if (order.indexOf(level) < least) return
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
  })
}
