/** An Ingress on real containers answers on this machine's own port; a Pod asks the API with the token it finds in itself. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { eventually, noEngine, noKubectl, Orrery } from './harness/orrery.ts'
import { web } from './harness/small-manifests.ts'

const site = `${web(2, { graceSeconds: 0, portName: 'http' })}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 8000, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app}
spec:
  rules:
  - host: app.home
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}, {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
`

describe('Ingress, and tokens in Pods', { skip: noEngine || noKubectl }, () => {
  let orrery: Orrery
  before(async () => {
    await ensureImages()
    orrery = await Orrery.start('--nodes', 'docker:2', '--ingress-port', '0')
  })
  after(async () => {
    await orrery?.purge()
  })

  test('a host leads to the Pods; what is missing is said; the door closes with the last Ingress', async () => {
    await orrery.apply(site)
    await orrery.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')
    const port = await eventually('the address', async () => {
      const { spec, status } = await orrery.json('get', 'ingress', 'app')
      assert.equal(spec['ingressClassName'], 'orrery')
      const published = status['loadBalancer']?.['ingress']?.[0]
      return published?.ip === '127.0.0.1' ? (published.ports[0].port as number) : undefined
    })
    const ask = (host: string, path = '/') =>
      new Promise<string>((resolve, reject) => request({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (answer) => void text(answer).then((page) => resolve(`${answer.statusCode} ${page}`))).on('error', reject).end())
    assert.match(await eventually('an answer', async () => (await ask('app.home')).startsWith('200') && ask('app.home')), /^200 [\s\S]*nginx/i)
    assert.match(await ask('else.home'), /^404 404 {2}No Ingress leads else\.home anywhere/)
    assert.match(await ask('app.home', '/api/x'), /^503 503 {2}app\.home\/api\/x cannot be served: Service api does not exist/)
    // Not one request fails while the Pods are replaced.
    let failed = 0
    let done = false
    const asking = (async () => {
      while (!done) if (!(await ask('app.home').catch(() => 'no answer')).startsWith('200')) failed++
    })()
    await orrery.kubectl('rollout', 'restart', 'deployment/web')
    await orrery.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')
    done = true
    await asking
    assert.equal(failed, 0)
    await orrery.kubectl('delete', 'ingress', 'app')
    await eventually('the door is closed', () => ask('app.home').then(() => false, () => true))
  })

  test('a Pod finds its account’s token, certificate and namespace, and asks the API with them', async () => {
    const pod = (await orrery.pods('app=web'))[0]!.metadata.name
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
    const read = async (file: string) => (await orrery.kubectl('exec', pod, '--', 'cat', `${folder}/${file}`)).trim()
    assert.equal(await read('namespace'), 'default')
    assert.match(await read('ca.crt'), /BEGIN CERTIFICATE/)
    const review = JSON.parse((await orrery.run('kubectl', ['create', '--validate=false', '-o', 'json', '-f', '-'], JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: await read('token') } }))).stdout) as { status: { authenticated: boolean; user: { username: string; extra: Record<string, string[]> } } }
    assert.equal(review.status.authenticated, true)
    assert.equal(review.status.user.username, 'system:serviceaccount:default:default')
    assert.deepEqual(review.status.user.extra['authentication.kubernetes.io/pod-name'], [pod])

    const ask = async (authorization: string, path: string, ...more: string[]) =>
      (await orrery.kubectl('exec', pod, '--', 'sh', '-c', `folder=$0; path=$1; shift; exec curl -sS --max-time 20 -w "\\n%{http_code}" --cacert "$folder/ca.crt" -H "Authorization: Bearer ${authorization}" "$@" "https://kubernetes.default.svc$path"`, folder, path, ...more))
    const token = '$(cat "$folder/token")'
    const own = await ask(token, `/api/v1/namespaces/default/pods/${pod}`)
    assert.match(own, /\n200$/)
    assert.equal((JSON.parse(own.slice(0, own.lastIndexOf('\n'))) as { metadata: { name: string } }).metadata.name, pod)
    const myself = await ask(token, '/apis/authentication.k8s.io/v1/selfsubjectreviews', '-H', 'Content-Type: application/json', '-d', '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}')
    assert.match(myself, /"system:serviceaccount:default:default"[\s\S]*\n201$/)
    assert.match(await ask('forged', '/api/v1/namespaces/default/pods'), /Unauthorized[\s\S]*\n401$/)
  })
})
