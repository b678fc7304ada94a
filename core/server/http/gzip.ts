/** Compresses large answers for clients that ask (upstream: apiserver/pkg/endpoints/handlers/responsewriters, 128 KiB, level 1). */
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const pack = promisify<Buffer, { level: number; chunkSize: number }, Buffer>(gzip)
const compressFromBytes = 128 * 1024

export async function compress(bytes: Buffer, accepts: string | string[] | undefined): Promise<Buffer | undefined> {
  if (bytes.length < compressFromBytes || accepts === undefined || !String(accepts).includes('gzip')) return undefined
  return pack(bytes, { level: constants.Z_BEST_SPEED, chunkSize: 256 * 1024 })
}
