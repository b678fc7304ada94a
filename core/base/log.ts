/** Structured logs: a constant message and fields. Child loggers bind fields (controller, key, node…). */
export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  child(fields: Fields): Logger
}

export type Sink = (level: Level, message: string, fields: Fields) => void

export function logger(sink: Sink, bound: Fields = {}): Logger {
  const at = (level: Level) => (message: string, fields?: Fields) => sink(level, message, fields ? { ...bound, ...fields } : bound)
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logger(sink, { ...bound, ...fields }),
  }
}

export const silent: Logger = logger(() => {})
