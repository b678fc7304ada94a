/**
 * Issues certificates: ECDSA P-256, by @peculiar/x509 over WebCrypto. Loading that library takes a tenth of a second, so
 * this file is imported only when something must be issued (authority.ts).
 */
import 'reflect-metadata'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

export interface KeyedCertificate {
  readonly certificatePem: string
  readonly keyPem: string
}

export interface Subject {
  readonly commonName: string
  readonly organizations: readonly string[]
}

export interface LeafRequest {
  readonly subject: Subject
  readonly use: 'server' | 'client'
  /** DNS names and IP addresses; only for servers. */
  readonly names: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'

const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

async function keyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

const serialNumber = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

const nameOf = (subject: Subject): x509.JsonName => [...subject.organizations.map((o) => ({ O: [o] })), { CN: [subject.commonName] }]

export async function issueAuthority(commonName: string, notBefore: number, notAfter: number): Promise<KeyedCertificate> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: nameOf({ commonName, organizations: [] }),
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: `${await keyPem(keys.privateKey)}\n` }
}

export async function issueLeaf(authority: KeyedCertificate, request: LeafRequest): Promise<KeyedCertificate> {
  const issuer = new x509.X509Certificate(authority.certificatePem)
  const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(authority.keyPem), algorithm, false, ['sign'])
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: nameOf(request.subject),
    issuer: issuer.subject,
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([request.use === 'server' ? serverAuth : clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(request.names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(request.names.map((value): x509.JsonGeneralName => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })))]),
    ],
  })
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: `${await keyPem(keys.privateKey)}\n` }
}
