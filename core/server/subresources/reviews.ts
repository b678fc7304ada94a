/** Kinds that are questions: answered on create, never stored (upstream: pkg/registry/authentication, authorization). */
import { timestamp } from '../../api/meta.ts'
import type { NewObject } from '../../api/meta.ts'
import { isAnonymous } from '../auth/identity.ts'
import { objectInvalid } from '../errors.ts'
import { decodeRequest } from '../registry/decode-request.ts'
import { answerOf } from '../registry/entries.ts'
import type { Machinery } from '../registry/machinery.ts'
import type { Answer, Body, Caller, Face, User, WriteParams } from '../registry/registry.ts'

/** Undefined where the kind is stored. */
export async function answerReview(machinery: Machinery, face: Face, body: Body, params: WriteParams, caller: Caller): Promise<Answer | undefined> {
  const { kind } = face.definition
  if (kind !== 'SelfSubjectReview' && kind !== 'SelfSubjectAccessReview') return undefined
  const draft = decodeRequest(machinery, face, body, params, caller)
  const errors = face.definition.validate?.(draft) ?? []
  if (errors.length > 0) throw objectInvalid(face.definition, '', errors)
  const review: NewObject = kind === 'SelfSubjectReview' ? whoAmI(draft, caller.user, machinery.clock.now()) : mayI(draft, caller.user)
  return answerOf(review)
}

const whoAmI = (draft: NewObject, { name, uid, groups, extra }: User, nowMs: number): NewObject => ({
  ...draft,
  metadata: { creationTimestamp: timestamp(nowMs) },
  status: { userInfo: { username: name, ...(uid === undefined ? {} : { uid }), groups: [...groups], ...(extra === undefined ? {} : { extra: { ...extra } }) } },
})

/** What the door does: whoever it knows may do everything. */
const mayI = (draft: NewObject, user: User): NewObject => ({ ...draft, status: { allowed: !isAnonymous(user) } })
