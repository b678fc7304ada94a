/** TokenReview: whose token is this, and is it meant for these audiences? Upstream: pkg/registry/authentication/tokenreview/storage.go. */
import type { KubeObject } from '../../api/meta.ts'
import type { TokenReview, TokenReviewStatus } from '../../api/types/authentication.ts'
import { apiAudiences, type ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import { decodeRequest } from '../registry/decode-request.ts'
import { answerOf } from '../registry/entries.ts'
import { badRequest } from '../errors.ts'
import type { Machinery } from '../registry/machinery.ts'
import type { Answer, Body, Caller, Face, WriteParams } from '../registry/registry.ts'

export async function reviewToken(machinery: Machinery, tokens: ServiceAccountTokens, face: Face, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
  const review = decodeRequest(machinery, face, body, params, caller) as unknown as TokenReview
  if (!review.spec?.token) throw badRequest('token is required for TokenReview in authentication')
  if (review.metadata.namespace) throw badRequest('namespace is not allowed on this type: ' + review.metadata.namespace)
  return answerOf({ ...review, status: await statusOf(tokens, review.spec) } as KubeObject)
}

async function statusOf(tokens: ServiceAccountTokens, { token, audiences = [] }: TokenReview['spec']): Promise<TokenReviewStatus> {
  try {
    const { user, audiences: shared } = await tokens.authenticate(token, audiences.length > 0 ? audiences : apiAudiences)
    const { name, uid, groups, extra } = user
    return {
      authenticated: true,
      user: {
        username: name,
        ...(uid === undefined ? {} : { uid }),
        groups: [...groups],
        ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
      },
      audiences: [...shared],
    }
  } catch (error) {
    return { user: {}, error: error instanceof Error ? error.message : String(error) }
  }
}
