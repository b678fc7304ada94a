/** Field documentation as the build left it. A checkout that was not built has none, and does without. */
import { readFile } from 'node:fs/promises'
import { type Docs, noDocs } from '../../api/schema/docs.ts'

export async function loadDocs(file: string | URL): Promise<Docs> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Docs
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return noDocs
    throw error
  }
}
