/** What Orrery writes into kubeconfig files, above all into other people's. */
import assert from 'node:assert/strict'
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { kubeconfigText, mergedText, mergeKubeconfig, unmergedText, unmergeKubeconfig, writeKubeconfig } from '../../../core/server/auth/kubeconfig.ts'

const entry = { name: 'orrery', server: 'https://127.0.0.1:6443', caPem: 'CA', certificatePem: 'CERT', keyPem: 'KEY' }
const theirs = `# my clusters
apiVersion: v1
kind: Config
current-context: work  # do not touch
preferences: {}
clusters:
- name: work
  cluster:
    server: https://work.example   # behind the VPN
    extensions:
    - name: x
      extension: {a: 1}
contexts:
- context: {cluster: work, user: me}
  name: work
users:
- name: me
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: login
`

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orrery-kubeconfig-'))
})
after(() => rm(directory, { recursive: true }))

test('merged and taken out again, a file is as it was', async () => {
  const merged = await mergedText(theirs, entry)
  const value = parse(merged) as { 'current-context': string; clusters: unknown[]; contexts: unknown[]; users: unknown[] }
  assert.equal(value['current-context'], 'work')
  assert.deepEqual([value.clusters.length, value.contexts.length, value.users.length], [2, 2, 2])
  for (const kept of ['# my clusters', '# do not touch', '# behind the VPN', 'extension: {a: 1}', 'command: login']) assert.ok(merged.includes(kept), kept)
  assert.equal(await mergedText(merged, entry), merged)
  const moved = await mergedText(merged, { ...entry, server: 'https://127.0.0.1:6444' })
  assert.equal(moved, merged.replace(':6443', ':6444'))
  assert.equal(await unmergedText(merged, 'orrery'), await unmergedText(await mergedText(await unmergedText(merged, 'orrery'), entry), 'orrery'))
  assert.deepEqual(parse(await unmergedText(merged, 'orrery')), parse(theirs))
})

test('empty lists, absent lists and a current context that goes', async () => {
  const bare = await mergedText('apiVersion: v1\nkind: Config\nclusters: []\ncontexts: null\n', entry)
  assert.deepEqual((parse(bare) as { contexts: unknown }).contexts, [{ name: 'orrery', context: { cluster: 'orrery', user: 'orrery' } }])
  assert.equal('current-context' in (parse(bare) as object), false)
  const chosen = bare + 'current-context: orrery\n'
  assert.equal((parse(await unmergedText(chosen, 'orrery')) as Record<string, unknown>)['current-context'], '')
})

test('what is no kubeconfig is left alone', async () => {
  const path = join(directory, 'broken')
  for (const text of ['a: b: c', '- a list\n']) {
    await writeFile(path, text)
    await assert.rejects(mergeKubeconfig(path, entry), /left alone/)
    assert.equal(await readFile(path, 'utf8'), text)
  }
})

test('files: private, whole, links kept', async () => {
  const own = join(directory, 'sub', 'kubeconfig')
  await writeKubeconfig(own, entry)
  assert.equal((await stat(own)).mode & 0o777, 0o600)
  assert.equal(await readFile(own, 'utf8'), kubeconfigText(entry))
  const real = join(directory, 'real')
  const link = join(directory, 'config')
  await writeFile(real, theirs, { mode: 0o644 })
  await symlink(real, link)
  await mergeKubeconfig(link, entry)
  assert.ok((await lstat(link)).isSymbolicLink())
  assert.equal((await stat(real)).mode & 0o777, 0o600)
  await unmergeKubeconfig(link, 'orrery')
  assert.deepEqual(parse(await readFile(real, 'utf8')), parse(theirs))
  await mergeKubeconfig(join(directory, 'new'), entry)
  assert.equal((parse(await readFile(join(directory, 'new'), 'utf8')) as Record<string, unknown>)['current-context'], 'orrery')
  await unmergeKubeconfig(join(directory, 'nothere'), 'orrery')
})
