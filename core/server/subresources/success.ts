import type { Status } from '../../api/status.ts'

/** What a subresource answers that made nothing to show. */
export const success = (): Status => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
