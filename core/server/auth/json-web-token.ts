/**
 * Signed tokens in the compact form of RFC 7515 with RS256, and the public key as RFC 7517 shows it. Only what this
 * cluster signed itself is ever read, so one algorithm and one key are all there is.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, sign, verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { isObject } from '../../base/json.ts'

export type Claims = Readonly<Record<string, unknown>>

export interface PublicKey {
  readonly use: 'sig'
  readonly kty: string
  readonly kid: string
  readonly alg: 'RS256'
  readonly n: string
  readonly e: string
}

export async function newTokenKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export class TokenKey {
  readonly public: PublicKey
  readonly #private: KeyObject
  readonly #verifying: KeyObject
  readonly #header: string

  /** `pem`: a private key in PKCS 8. Throws where it is none. */
  constructor(pem: string) {
    this.#private = createPrivateKey(pem)
    this.#verifying = createPublicKey(this.#private)
    const { kty = '', n = '', e = '' } = this.#verifying.export({ format: 'jwk' })
    // Upstream names a key by the digest of its public half (pkg/serviceaccount/jwt.go, keyIDFromPublicKey).
    const kid = createHash('sha256').update(this.#verifying.export({ type: 'spki', format: 'der' })).digest('base64url')
    this.public = { use: 'sig', kty, kid, alg: 'RS256', n, e }
    this.#header = encode({ alg: 'RS256', kid })
  }

  sign(claims: Claims): string {
    const signed = `${this.#header}.${encode(claims)}`
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), this.#private).toString('base64url')}`
  }

  /** The claims where this key signed them; undefined for all else. Says nothing about their time. */
  verified(token: string): Claims | undefined {
    const [header, body, signature, ...more] = token.split('.')
    // Our own header, letter by letter: nobody else's algorithm is even looked at.
    if (header !== this.#header || body === undefined || signature === undefined || more.length > 0) return undefined
    if (!verify('RSA-SHA256', Buffer.from(`${header}.${body}`), this.#verifying, Buffer.from(signature, 'base64url'))) return undefined
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
    return isObject(claims) ? claims : undefined
  }
}
