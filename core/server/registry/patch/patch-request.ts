/** What PATCH gets, beside the object it is for. */
import type { Patch } from '../../../api/request.ts'
import type { WriteParams } from '../registry.ts'

export type PatchRequest = Patch & { duplicates?: readonly string[] }
export type PatchParams = WriteParams & { force?: boolean }
