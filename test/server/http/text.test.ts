/** The pure parts: duplicate keys, complaints about JSON, negotiation, bodies in protobuf. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { duplicateKeys } from '../../../core/server/http/duplicate-keys.ts'
import { jsonComplaint } from '../../../core/server/http/json-complaint.ts'
import { Negotiator } from '../../../core/server/http/negotiate.ts'
import { rewritePage } from '../../../core/server/http/proxy-links.ts'
import { wantsAggregated } from '../../../core/server/http/static-paths.ts'
import { decodeProtobuf } from '../../../core/server/protobuf/decode.ts'

test('duplicate keys, with their paths', () => {
  const cases: [string, string[]][] = [
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"data":{"a":"1","a":"2"}}', ['data.a']],
    ['{"spec":{"containers":[{"name":"x"},{"name":"y","image":"","name":"z"}]}}', ['spec.containers[1].name']],
    ['{"a":"\\"b\\":1,\\"b\\":2","b":1}', []],
    ['{"a\\u0062":1,"ab":2}', ['ab']],
    ['{"a":[[{"x":1,"x":2}]],"a":3}', ['a[0][0].x', 'a']],
    ['{"a":"back\\\\","b":"\\\\\\"","a":1}', ['a']],
    ['[]', []],
    ['{"":1,"":2}', ['']],
  ]
  for (const [text, wanted] of cases) assert.deepEqual(duplicateKeys(text), wanted, text)
})

test("what is wrong with a JSON text, in Go's words", () => {
  const cases: [string, string][] = [
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a":"', 'unexpected end of JSON input'],
    ['garbage', "invalid character 'g' looking for beginning of value"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":"\u0001"}', "invalid character '\\x01' in string literal"],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ]
  for (const [text, wanted] of cases) assert.equal(jsonComplaint(text), wanted, text)
})

test('negotiation follows order, quality and parameters', () => {
  const negotiator = new Negotiator()
  const as = (header: string | undefined) => negotiator.accept(header)
  assert.equal(as(undefined).format, 'json')
  assert.equal(as('application/yaml;q=0.5,application/json').format, 'json')
  assert.equal(as('application/json;q=0.1, application/yaml').format, 'yaml')
  assert.equal(as('application/vnd.kubernetes.protobuf, */*').format, 'json')
  assert.deepEqual(as('application/json;as=Table;v=v9;g=meta.k8s.io, application/json;as=Table;v=v1beta1;g=meta.k8s.io'), { format: 'json', as: 'table', version: 'v1beta1' })
  assert.throws(() => as('text/html'), { reason: 'NotAcceptable' })
  assert.throws(() => as('application/json;q=0'), { reason: 'NotAcceptable' })
})

test('aggregated discovery only for those who know this version of it', () => {
  assert.equal(wantsAggregated('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer,application/json'), true)
  assert.equal(wantsAggregated('application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'), false)
  assert.equal(wantsAggregated('application/json'), false)
})

/** Bodies as kubectl v1.32 sent them. */
const recorded = {
  configmaps: 'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEh0KEwoDZm9vEgAaACIAKgAyADgAQgASBgoBYRIBYhoAIgA=',
  deployments: 'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er0BCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEosBCAMSDAoKCgNhcHASA3dlYhpxChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViElESMwoFbmdpbngSCm5naW54OjEuMjUqADIKCgAQABhQIgAqAEIAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA==',
  services: 'azhzAAoNCgJ2MRIHU2VydmljZRJpCh8KA3N2YxIAGgAiACoAMgA4AEIAWgoKA2FwcBIDc3ZjEkIKGwoHODAtODA4MBIDVENQGFAiBwgAEJA/GgAoABIKCgNhcHASA3N2YxoAIglDbHVzdGVySVA6AEIAUgBaAGAAaAAaAgoAGgAiAA==',
  selfsubjectaccessreviews: 'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPAoQCgASABoAIgAqADIAOABCABIeChwKB2RlZmF1bHQSA2dldBoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA=',
}

test('protobuf bodies', () => {
  const decode = (base64: string) => decodeProtobuf(Buffer.from(base64, 'base64'), kubernetesFacts)
  assert.deepEqual(decode(recorded.configmaps), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'foo' }, data: { a: 'b' } })
  const deployment = decode(recorded.deployments)
  assert.deepEqual(deployment, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image: 'nginx:1.25', ports: [{ containerPort: 80 }], resources: {} }] } },
      strategy: {},
    },
    status: {},
  })
  assert.deepEqual(decode(recorded.services)['spec'], { ports: [{ name: '80-8080', protocol: 'TCP', port: 80, targetPort: 8080 }], selector: { app: 'svc' }, type: 'ClusterIP' })
  assert.deepEqual(decode(recorded.selfsubjectaccessreviews)['spec'], { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } })
  for (const bytes of ['', 'azhz', 'azhzAP//', 'azhzAAoF', 'bm90aGluZw==', recorded.deployments.slice(0, 200)]) assert.throws(() => decode(bytes), Error, bytes)
})

test('links of a proxied page', () => {
  const from = { prefix: '/p/proxy', hosts: ['10.0.0.9:80'] }
  const cases: [string, string][] = [
    ['<a href="/x/">', '<a href="/p/proxy/x/">'],
    ["<IMG alt='a' SRC='/i.png?b=/c'>", "<IMG alt='a' SRC='/p/proxy/i.png?b=/c'>"],
    ['<a href="http://10.0.0.9:80/y"> <a href="//10.0.0.9:80">', '<a href="/p/proxy/y"> <a href="/p/proxy/">'],
    ['<a href="x"><a href="https://example.org/"><p title="/x">href="/x"</p>', '<a href="x"><a href="https://example.org/"><p title="/x">href="/x"</p>'],
    ['<form class="f" action="/p/proxy/done">', '<form class="f" action="/p/proxy/done">'],
  ]
  for (const [given, wanted] of cases) assert.equal(rewritePage(given, from), wanted)
})
