/** Talks to a real Kubernetes server with a kubeconfig's client certificate. For recorders only; tests read what they wrote. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { parse } from 'yaml'

export interface Answer {
  status: number
  body: Record<string, unknown>
  warnings: string[]
  /** The server's clock when it answered. */
  date: number
}
export type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

const bytes = (text: string) => Buffer.from(text, 'base64')

export function realServer(kubeconfig: string): Ask {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
  }
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  return (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(`${cluster.server}${path}`, {
        method,
        ca: bytes(cluster['certificate-authority-data']),
        cert: bytes(user['client-certificate-data']),
        key: bytes(user['client-key-data']),
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const header = answer.headers['warning']
          const warnings = header === undefined ? [] : [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replace(/\\(.)/g, '$1'))
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>, warnings, date: Date.parse(answer.headers['date'] ?? '') })
        })
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
}
