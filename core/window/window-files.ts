/** The built window's files as both shells serve them: what a path names inside the folder, and as which media type. */
import { extname, join, normalize, sep } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
}

export const mediaType = (file: string): string => types[extname(file)] ?? 'application/octet-stream'

/** Undefined where the path leads out of the folder. `path` is decoded already. */
export function fileWithin(folder: string, path: string): string | undefined {
  const file = normalize(join(folder, path))
  return file.startsWith(folder + sep) ? file : undefined
}
