/**
 * The tokens of service accounts: signed here, and believed only while the account and the object that a token is bound to
 * are alive. Upstream: pkg/serviceaccount/jwt.go, claims.go, legacy.go.
 */
import type { KubeObject } from '../../api/meta.ts'
import { ApiError, isNotFound } from '../../api/status.ts'
import type { Clock } from '../../base/clock.ts'
import type { Claims, TokenKey } from './json-web-token.ts'
import type { User } from './user.ts'
import { accountUser, boundClaims, readClaims, secretIssuer, type Named, type ReadClaims, type TimedClaims } from './service-account-claims.ts'

export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local'
/** What a token is for where nobody says otherwise: this API server, under each of its common names. */
export const apiAudiences: readonly string[] = [tokenIssuer, 'https://kubernetes.default.svc']

/** Reads the present state of one object; rejects with NotFound. */
export type ReadObject = (kind: string, namespace: string | undefined, name: string) => Promise<KubeObject>

export interface Authenticated {
  readonly user: User
  /** Those asked for that the token is meant for. */
  readonly audiences: readonly string[]
}

const leewaySeconds = 60
const remembered = 1_000
const extraPrefix = 'authentication.kubernetes.io/'
const invalidToken = 'invalid bearer token'

export class ServiceAccountTokens {
  readonly key: TokenKey
  readonly #clock: Clock
  readonly #read: ReadObject
  /** Signatures found right; what they say is asked anew each time. */
  readonly #verified = new Map<string, Claims>()

  constructor(key: TokenKey, clock: Clock, read: ReadObject) {
    this.key = key
    this.#clock = clock
    this.#read = read
  }

  issue(token: Omit<TimedClaims, 'issuer'>): string {
    return this.key.sign(boundClaims({ ...token, issuer: tokenIssuer }))
  }

  /** Throws an Error that says what is wrong, in upstream's words. */
  async authenticate(token: string, wanted: readonly string[] = apiAudiences): Promise<Authenticated> {
    const claims = this.#claimsOf(token)
    const read = claims && readClaims(claims)
    if (read === undefined || (read.issuer !== tokenIssuer && read.issuer !== secretIssuer)) throw new Error(invalidToken)
    const carried = read.issuer === secretIssuer ? apiAudiences : read.audiences
    const audiences = carried.filter((audience) => wanted.includes(audience))
    if (audiences.length === 0) throw refused(`token audiences ${quoted(carried)} is invalid for the target audiences ${quoted(wanted)}`)
    this.#checkTime(read)
    await this.#checkAlive(read)
    if (read.issuer === secretIssuer) await this.#checkSecret(read, token)
    return { user: userOf(read), audiences }
  }

  #claimsOf(token: string): Claims | undefined {
    const known = this.#verified.get(token)
    if (known !== undefined) return known
    const claims = this.key.verified(token)
    if (claims === undefined) return undefined
    if (this.#verified.size >= remembered) this.#verified.delete(this.#verified.keys().next().value!)
    this.#verified.set(token, claims)
    return claims
  }

  #checkTime({ notBefore, expiresAt }: ReadClaims): void {
    const now = this.#clock.now() / 1000
    if (expiresAt !== undefined && now > expiresAt + leewaySeconds) throw refused('service account token has expired')
    if (notBefore !== undefined && now + leewaySeconds < notBefore) throw refused('service account token is not valid yet')
  }

  async #checkAlive({ namespace, account, secret, pod, node }: ReadClaims): Promise<void> {
    const object = await this.#read('ServiceAccount', namespace, account.name).catch(saidPlainly)
    if (object.metadata.uid !== account.uid) throw refused(`service account UID (${object.metadata.uid}) does not match claim (${account.uid})`)
    if (this.#isGoing(object)) throw refused(`service account ${namespace}/${account.name} has been deleted`)
    await this.#checkBound('Secret', namespace, secret, (uid, claimed) => `secret UID (${uid}) does not match service account secret ref claim (${claimed})`)
    await this.#checkBound('Pod', namespace, pod, (uid, claimed) => `pod UID (${uid}) does not match service account pod ref claim (${claimed})`)
    // With a Pod, the node only says where it ran.
    if (pod === undefined) await this.#checkBound('Node', undefined, node, (uid, claimed) => `node UID (${uid}) does not match service account node ref claim (${claimed})`)
  }

  async #checkBound(kind: string, namespace: string | undefined, bound: Named | undefined, differs: (uid: string, claimed: string) => string): Promise<void> {
    if (bound === undefined) return
    const gone = () => refused('service account token has been invalidated')
    const object = await this.#read(kind, namespace, bound.name).catch((error: unknown) => {
      throw isNotFound(error) ? gone() : error
    })
    if (bound.uid !== '' && object.metadata.uid !== bound.uid) throw refused(differs(object.metadata.uid, bound.uid))
    if (this.#isGoing(object)) throw gone()
  }

  /** A Secret's token has no end of its own: it ends when the Secret no longer holds it. */
  async #checkSecret({ namespace, secret }: ReadClaims, token: string): Promise<void> {
    const object = await this.#read('Secret', namespace, secret?.name ?? '')
    const data = object['data'] as Record<string, string> | undefined
    if (Buffer.from(data?.['token'] ?? '', 'base64').toString('utf8') !== token) throw refused('service account token has been invalidated')
  }

  #isGoing({ metadata }: KubeObject): boolean {
    return metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) < this.#clock.now() - leewaySeconds * 1000
  }
}

/** Upstream names each of its authenticators that refused. */
const refused = (why: string) => new Error(`[${invalidToken}, ${why}]`)

function saidPlainly(error: unknown): never {
  throw error instanceof ApiError ? refused(error.message) : error
}

const quoted = (list: readonly string[]) => `[${list.map((one) => JSON.stringify(one)).join(' ')}]`

function userOf({ namespace, account, pod, node, id }: ReadClaims): User {
  const extra: Record<string, string[]> = {}
  if (id !== undefined) extra[`${extraPrefix}credential-id`] = [`JTI=${id}`]
  if (node !== undefined) {
    extra[`${extraPrefix}node-name`] = [node.name]
    if (node.uid !== '') extra[`${extraPrefix}node-uid`] = [node.uid]
  }
  if (pod !== undefined) {
    extra[`${extraPrefix}pod-name`] = [pod.name]
    extra[`${extraPrefix}pod-uid`] = [pod.uid]
  }
  return {
    name: accountUser(namespace, account.name),
    uid: account.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}
