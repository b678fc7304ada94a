/**
 * Asks a real Kubernetes server about every case of job-cases.ts and keeps its answers as data.
 *
 *   node test/api/jobs/record-jobs.ts --kubeconfig FILE --namespace NAME
 *
 * Makes a few objects that nobody runs, in a namespace that must be there, and removes them.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { realServer, type Answer } from '../real-server.ts'
import { changed, created, rows, type Json } from './job-cases.ts'

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' }, namespace: { type: 'string' } } })
if (!options.kubeconfig || !options.namespace) throw new Error('usage: record-jobs.ts --kubeconfig FILE --namespace NAME')
const ask = realServer(options.kubeconfig)
const merge = { 'content-type': 'application/merge-patch+json' }
const pathOf = (object: Json) => `/apis/batch/v1/namespaces/${options.namespace}/${object['kind'] === 'Job' ? 'jobs' : 'cronjobs'}`
const clean = (object: Json): Json => {
  const { managedFields: _, ...metadata } = object['metadata'] as Json
  return JSON.parse(JSON.stringify({ ...object, metadata }).replaceAll(options.namespace!, 'namespace')) as Json
}
function kept({ body, warnings }: Answer): Json {
  if (body['kind'] !== 'Status') return { object: clean(body), ...(warnings.length > 0 ? { warnings } : {}) }
  return { reason: body['reason'], causes: (body['details'] as Json | undefined)?.['causes'] ?? body['message'] }
}

const golden: { created: Json; changed: Json; rows: Json[] } = { created: {}, changed: {}, rows: [] }
for (const [name, object] of Object.entries(created)) golden.created[name] = kept(await ask('POST', `${pathOf(object)}?dryRun=All`, object))
for (const [kind, { object, patches, status = {} }] of Object.entries(changed)) {
  const path = pathOf(object)
  const { name } = object['metadata'] as { name: string }
  const made = await ask('POST', path, object)
  if (made.status !== 201) throw new Error(`${kind}: ${JSON.stringify(made.body)}`)
  try {
    const before = clean(made.body)
    for (const [what, patch] of Object.entries(patches)) golden.changed[`${kind}/${what}`] = { before, patch, ...kept(await ask('PATCH', `${path}/${name}?dryRun=All`, patch, merge)) }
    for (const [what, patch] of Object.entries(status)) golden.changed[`${kind}/status: ${what}`] = { before, patch, status: true, ...kept(await ask('PATCH', `${path}/${name}/status?dryRun=All`, patch, merge)) }
    for (const [of, patch] of rows) {
      if (of !== kind) continue
      const { body, date } = await ask('PATCH', `${path}/${name}/status?dryRun=All&includeObject=Object`, { status: patch }, { ...merge, accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
      const table = body as { columnDefinitions: Json[]; rows: { cells: unknown[]; object: Json }[] }
      if (!table.rows) throw new Error(`${kind}: ${JSON.stringify(body)}`)
      golden.rows.push({ now: date, columns: table.columnDefinitions.map(({ name: column, type, format, priority }) => ({ name: column, type, format, priority })), cells: table.rows[0]!.cells, object: clean(table.rows[0]!.object) })
    }
  } finally {
    await ask('DELETE', `${path}/${name}?propagationPolicy=Background`)
  }
}
const lines = (entries: Json) => `{\n${Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',\n')}\n}`
writeFileSync(new URL('../../golden/api/jobs.json', import.meta.url), `{"created": ${lines(golden.created)},\n"changed": ${lines(golden.changed)},\n"rows": [\n${golden.rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`)
