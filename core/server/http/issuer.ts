/**
 * How others verify the tokens of service accounts: OpenID discovery and the public key. Upstream: pkg/serviceaccount/openidmetadata.go.
 * The key's address is the one that Pods reach; from outside it is the same path on the API's own address.
 */
import type { TokenKey } from '../auth/json-web-token.ts'
import { tokenIssuer } from '../auth/service-account-tokens.ts'
import type { StaticPaths } from './static-paths.ts'

const keysPath = '/openid/v1/jwks'
const cached = { 'cache-control': 'public, max-age=3600' }

export function addIssuer(paths: StaticPaths, key: TokenKey): void {
  const configuration = JSON.stringify({
    issuer: tokenIssuer,
    jwks_uri: `${tokenIssuer}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [key.public.alg],
  })
  const keys = JSON.stringify({ keys: [key.public] })
  paths.add('/.well-known/openid-configuration', (exchange) => exchange.send(200, { 'content-type': 'application/json', ...cached }, configuration))
  paths.add(keysPath, (exchange) => exchange.send(200, { 'content-type': 'application/jwk-set+json', ...cached }, keys))
}
