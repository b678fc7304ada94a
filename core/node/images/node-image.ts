/**
 * The one image Orrery itself needs: pause for every Pod, and the same with tools for the helper. Made from local parts
 * and tagged by what it is made of, so that it is made once and found afterwards. Where local tools can't be had (another
 * architecture, no Linux), the engine builds it from a registry image; where that fails too, Pods still run and
 * `lacks` says what does not work and how to get it.
 */
import { createHash } from 'node:crypto'
import { pauseProgram, type Arch } from './pause-program.ts'
import { tar, type TarEntry } from './tar.ts'
import { findTools, fingerprint, toolEntries } from './tools.ts'

export interface ImageEngine {
  /** Node's names: x64, arm64. */
  arch: Arch
  hasImage(name: string): Promise<boolean>
  importImage(name: string, archive: Uint8Array, changes: readonly string[]): Promise<void>
  /** `context` holds a Dockerfile. */
  buildImage(name: string, context: Uint8Array): Promise<void>
}

export interface NodeImage {
  name: string
  /** Where nft or socat is missing: what does not work, and the way out. */
  lacks?: string
}

const recipe = 'node-4'
const changes = ['ENTRYPOINT ["/pause"]', 'ENV PATH=/bin:/usr/sbin:/usr/bin:/sbin'] as const
const lacks =
  'Services, port-forward and exec into a port do not work: nft and socat were not found on this machine and no registry could be reached. ' +
  'Install the packages nftables and socat (Debian, Ubuntu: apt install nftables socat), or connect to the internet, and start again.'

export async function ensureNodeImage(engine: ImageEngine, options: { cache: string; say: (line: string) => void }): Promise<NodeImage> {
  const pause: TarEntry = { path: 'pause', mode: 0o755, type: 'file', content: pauseProgram(engine.arch) }
  const nameOf = (parts: string) => `orrery/node:${createHash('sha256').update(`${recipe} ${engine.arch} ${parts}`).digest('hex').slice(0, 16)}`
  const local = process.platform === 'linux' && process.arch === engine.arch

  if (local) {
    const tools = await findTools(options.cache, true)
    if (tools.paths.has('nft') && tools.paths.has('socat') && tools.paths.has('sh')) {
      const name = nameOf(await fingerprint(tools))
      if (await engine.hasImage(name)) return { name }
      options.say('making the node image from nft and socat of this machine')
      await engine.importImage(name, tar([pause, ...(await toolEntries(tools))]), changes)
      return { name }
    }
  }
  const built = nameOf('alpine:3.22')
  if (await engine.hasImage(built)) return { name: built }
  try {
    options.say('building the node image from alpine:3.22')
    const dockerfile = 'FROM alpine:3.22\nRUN apk add --no-cache nftables socat iproute2\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n'
    await engine.buildImage(built, tar([{ path: 'Dockerfile', mode: 0o644, type: 'file', content: new TextEncoder().encode(dockerfile) }, pause]))
    return { name: built }
  } catch {
    const name = nameOf('pause only')
    if (!(await engine.hasImage(name))) await engine.importImage(name, tar([pause]), changes)
    return { name, lacks }
  }
}
