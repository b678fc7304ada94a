/**
 * The store's medium refuses writes (disk full, read-only). No Retry-After: clients would wait on it in silence, ten times
 * over, where a person has to act first.
 */
import { ApiError } from '../../api/status.ts'
import type { Unwritable } from '../../store/store.ts'

export const unavailable = (error: Unwritable): ApiError =>
  new ApiError('ServiceUnavailable', `the database cannot be written: ${error.message}. Reading goes on; free space on its disk (or make it writable), then try again`)
