/** The three engine calls that making test images needs, over its socket; no client program or library. */
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { tar } from '../../core/node/images/tar.ts'

interface Answer {
  status: number
  body: string
}

/** `dockerHost` as in DOCKER_HOST: `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375`. */
export function engine(dockerHost: string) {
  const url = new URL(dockerHost)
  const where = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port }

  const ask = (method: string, path: string, body?: Readable) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request({ ...where, method, path, headers: body ? { 'content-type': 'application/x-tar' } : {} }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
        response.on('error', reject)
      })
      sent.on('error', reject)
      if (body) body.on('error', reject).pipe(sent)
      else sent.end()
    })

  return {
    async imageId(name: string): Promise<string | undefined> {
      const answer = await ask('GET', `/images/${name}/json`)
      if (answer.status !== 200) return undefined
      return (JSON.parse(answer.body) as { Id: string }).Id
    },
    /** One layer from a tar, then Dockerfile instructions (import itself knows no STOPSIGNAL). */
    async import(name: string, layer: Readable, instructions: readonly string[]): Promise<void> {
      const base = `orrery-test/layer:${name.replaceAll(/[/:]/g, '-')}`
      const [repo, tag] = split(base)
      const imported = await ask('POST', `/images/create?${new URLSearchParams({ fromSrc: '-', repo, tag })}`, layer)
      if (imported.status !== 200 || imported.body.includes('"errorDetail"')) throw new Error(`importing ${name}: ${imported.body}`)
      const dockerfile = new TextEncoder().encode([`FROM ${base}`, ...instructions, ''].join('\n'))
      const context = Readable.from([tar([{ path: 'Dockerfile', mode: 0o644, type: 'file', content: dockerfile }])])
      const built = await ask('POST', `/build?${new URLSearchParams({ t: name, forcerm: '1' })}`, context)
      await ask('DELETE', `/images/${base}`)
      if (built.status !== 200 || built.body.includes('"errorDetail"')) throw new Error(`building ${name}: ${built.body}`)
    },
    /** Whether the registry gave it within the time. */
    async pull(name: string, timeoutMs: number): Promise<boolean> {
      const [repo, tag] = split(name)
      const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), timeoutMs).unref())
      const pulled = ask('POST', `/images/create?${new URLSearchParams({ fromImage: repo, tag })}`).then(
        (answer) => answer.status === 200 && !answer.body.includes('"errorDetail"'),
        () => false,
      )
      return Promise.race([pulled, late])
    },
  }
}

function split(name: string): [repo: string, tag: string] {
  const colon = name.lastIndexOf(':')
  return [name.slice(0, colon), name.slice(colon + 1)]
}
