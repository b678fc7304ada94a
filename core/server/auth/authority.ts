/**
 * This cluster's certificate authority and what it signed: kept as PEM files in one directory, read at start, issued
 * again only where a file is missing, near its end, signed by another authority, or lacks a name the server now answers to.
 * The common case, nothing to issue, reads seven files and loads no certificate library.
 */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { KeyedCertificate, LeafRequest } from './issue.ts'
import { newTokenKey } from './json-web-token.ts'

export interface Authority {
  readonly caPem: string
  readonly server: KeyedCertificate
  readonly admin: KeyedCertificate
  /** Private key that signs the tokens of service accounts, PEM. */
  readonly tokenKeyPem: string
}

export interface AuthorityOptions {
  /** E.g. `$ORRERY_HOME/pki`. Made where missing, readable by its owner only. */
  readonly directory: string
  /** DNS names and addresses beyond `standardNames`: first Service address, bridge gateway, the machine's name. */
  readonly names: readonly string[]
  readonly now: number
}

const dayMs = 86_400_000
/** Below what some platforms refuse for a server (825 days). */
const leafDays = 800
const renewBelowDays = 200
const authorityDays = 3650

export const standardNames = [
  'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', '127.0.0.1', '::1',
] as const

export const adminSubject = { commonName: 'kubernetes-admin', organizations: ['system:masters'] } as const

export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { directory, now } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const names = [...new Set([...standardNames, ...options.names])]
  const [storedCa, storedServer, storedAdmin] = await Promise.all([read(directory, 'ca'), read(directory, 'server'), read(directory, 'admin')])
  let ca = storedCa
  if (ca === undefined || !lasts(ca, now, 0)) {
    const { issueAuthority } = await import('./issue.ts')
    ca = await issueAuthority('orrery', now - dayMs, now + authorityDays * dayMs)
    await save(directory, 'ca', ca)
  }
  const leaf = async (name: string, stored: KeyedCertificate | undefined, wanted: Pick<LeafRequest, 'subject' | 'use' | 'names'>) => {
    if (stored !== undefined && lasts(stored, now, renewBelowDays) && signedBy(stored, ca) && covers(stored, wanted.names)) return stored
    const { issueLeaf } = await import('./issue.ts')
    const issued = await issueLeaf(ca, { ...wanted, notBefore: now - dayMs, notAfter: now + leafDays * dayMs })
    await save(directory, name, issued)
    return issued
  }
  const [server, admin] = await Promise.all([
    leaf('server', storedServer, { subject: { commonName: 'kube-apiserver', organizations: [] }, use: 'server', names }),
    leaf('admin', storedAdmin, { subject: adminSubject, use: 'client', names: [] }),
  ])
  return { caPem: ca.certificatePem, server, admin, tokenKeyPem: await tokenKey(directory) }
}

/** Never renewed: every token of the cluster ends with it. */
async function tokenKey(directory: string): Promise<string> {
  const path = join(directory, 'service-account.key')
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const pem = await newTokenKey()
    await replace(path, pem)
    return pem
  }
}

async function read(directory: string, name: string): Promise<KeyedCertificate | undefined> {
  try {
    const [certificatePem, keyPem] = await Promise.all([
      readFile(join(directory, `${name}.crt`), 'utf8'),
      readFile(join(directory, `${name}.key`), 'utf8'),
    ])
    return { certificatePem, keyPem }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The key goes first, so that a crash between the two leaves a pair that does not match and is issued again. */
async function save(directory: string, name: string, pair: KeyedCertificate): Promise<void> {
  await replace(join(directory, `${name}.key`), pair.keyPem)
  await replace(join(directory, `${name}.crt`), pair.certificatePem)
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Whether the files can be read as a certificate, and it lasts for the given days more. */
function lasts(pair: KeyedCertificate, now: number, days: number): boolean {
  try {
    return new X509Certificate(pair.certificatePem).validToDate.getTime() > now + days * dayMs
  } catch {
    return false
  }
}

function signedBy(pair: KeyedCertificate, ca: KeyedCertificate): boolean {
  return new X509Certificate(pair.certificatePem).verify(new X509Certificate(ca.certificatePem).publicKey)
}

function covers(pair: KeyedCertificate, names: readonly string[]): boolean {
  const certificate = new X509Certificate(pair.certificatePem)
  return names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined)
}
