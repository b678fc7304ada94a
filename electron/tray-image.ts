/**
 * The tray's icon as PNG bytes: a small orrery whose core is grey at rest, blue in motion, a red diamond when something
 * fails. Drawn here, so that no picture file has to be kept in step with the marks.
 */
import { deflateSync } from 'node:zlib'

const size = 32
const colours = { ready: [0x8d, 0x98, 0xa7], moving: [0x62, 0xb3, 0xf2], failing: [0xf2, 0x6a, 0x5e] } as const
const orbit = [0xe3, 0xbd, 0x70] as const

/** CRC-32 as PNG chunks want it. */
function crc(bytes: Uint8Array): number {
  let value = ~0
  for (const byte of bytes) {
    value ^= byte
    for (let i = 0; i < 8; i++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return ~value >>> 0
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const head = Buffer.alloc(4)
  head.writeUInt32BE(data.length)
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(crc(body))
  return Buffer.concat([head, body, tail])
}

export function trayImage(mark: keyof typeof colours): Buffer {
  const rows: number[] = []
  const centre = (size - 1) / 2
  for (let y = 0; y < size; y++) {
    rows.push(0)
    for (let x = 0; x < size; x++) {
      const dx = Math.abs(x - centre)
      const dy = Math.abs(y - centre)
      const radius = Math.hypot(dx, dy)
      const core = mark === 'failing' ? 8 - (dx + dy) : 6 - radius
      const ring = 1.4 - Math.abs(radius - 13)
      const [colour, cover] = core > 0 ? [colours[mark], core] : [orbit, ring]
      rows.push(...colour, Math.round(255 * Math.max(0, Math.min(1, cover))))
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  // 8 bits a channel, RGBA.
  header.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.from(rows))), chunk('IEND', Buffer.alloc(0))])
}
