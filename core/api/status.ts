/**
 * API errors: the one table of reason → HTTP code, and the Status object that crosses every boundary.
 * Clients branch on `reason`, never on the text (upstream: apimachinery/pkg/apis/meta/v1/types.go, StatusReason).
 */
export const reasons = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const satisfies Record<string, number>

export type StatusReason = keyof typeof reasons

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  /** The resource's plural name in most answers; the kind in Invalid ones. */
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: { continue?: string; resourceVersion?: string; remainingItemCount?: number }
  status: 'Success' | 'Failure'
  message?: string
  reason?: StatusReason
  details?: StatusDetails
  code?: number
}

export class ApiError extends Error {
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined
  /** Set only for an expired list: a token that goes on at the newest revision. */
  readonly continueToken: string | undefined

  constructor(reason: StatusReason, message: string, details?: StatusDetails, continueToken?: string) {
    super(message)
    this.name = 'ApiError'
    this.reason = reason
    this.details = details
    this.continueToken = continueToken
  }

  get code(): number {
    return reasons[this.reason]
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }

  /** Revives an error that crossed a boundary as a Status. */
  static fromStatus(status: Status): ApiError {
    const reason = status.reason !== undefined && status.reason in reasons ? status.reason : 'InternalError'
    return new ApiError(reason, status.message ?? reason, status.details, status.metadata?.continue)
  }
}

export const isReason = (error: unknown, ...wanted: StatusReason[]): error is ApiError =>
  error instanceof ApiError && wanted.includes(error.reason)
export const isNotFound = (error: unknown): error is ApiError => isReason(error, 'NotFound')
export const isConflict = (error: unknown): error is ApiError => isReason(error, 'Conflict')
export const isAlreadyExists = (error: unknown): error is ApiError => isReason(error, 'AlreadyExists')
export const isExpired = (error: unknown): error is ApiError => isReason(error, 'Expired', 'Gone')
/** Errors that another attempt cannot mend. */
export const isTerminal = (error: unknown): boolean =>
  isReason(error, 'Invalid', 'BadRequest', 'Forbidden', 'MethodNotAllowed', 'RequestEntityTooLarge')
