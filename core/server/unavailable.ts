/** The store's medium refuses writes (disk full, read-only): the server says so and asks to come again. */
import { ApiError } from '../api/status.ts'
import type { Unwritable } from '../store/store.ts'

export const unavailable = (error: Unwritable): ApiError =>
  new ApiError('ServiceUnavailable', `the database cannot be written: ${error.message}`, { retryAfterSeconds: 5 })
