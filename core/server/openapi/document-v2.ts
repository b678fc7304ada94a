/** Swagger v2 of everything: clients that know no v3 ask for it, and some ask for nothing else. */
import type { Docs } from '../../api/schema/docs.ts'
import type { SchemaFacts } from '../../api/schema/facts.ts'
import { pathParameters } from './document-v3.ts'
import type { Operation } from './operations.ts'
import { type Json, refTo, SchemaWriter } from './schema.ts'

const produced = ['application/json', 'application/yaml']
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml']
const statuses: Record<number, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' }

export function documentV2(operations: readonly Operation[], roots: readonly string[], facts: SchemaFacts, docs: Docs): Json {
  const used = new Set<string>(roots)
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    for (const model of [operation.body, operation.answer]) if (model !== undefined) used.add(model)
    const item = (paths[operation.path] ??= { parameters: pathParameters(operation.path).map(({ schema, ...rest }) => ({ ...(schema as Json), ...rest })) })
    item[operation.method] = describe(operation, facts)
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: facts.version.replace(/^v(\d+\.\d+).*$/, '$1') },
    paths,
    definitions: new SchemaWriter('v2', facts, docs).closure(used),
    securityDefinitions: { BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' } },
    security: [{ BearerToken: [] }],
  }
}

function describe(operation: Operation, facts: SchemaFacts): Json {
  const { body, answer } = operation
  const schema = answer === undefined ? { type: 'string' } : refTo('v2', answer)
  return {
    description: operation.about,
    consumes: operation.action === 'patch' ? patchTypes : ['*/*'],
    produces: operation.plainText ? ['text/plain', ...produced] : answer === undefined ? ['*/*'] : operation.watches ? [...produced, 'application/json;stream=watch'] : produced,
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    parameters: [
      ...(body === undefined ? [] : [{ name: 'body', in: 'body', ...(operation.bodyRequired ? { required: true } : {}), schema: refTo('v2', body) }]),
      ...Object.entries(facts.parameters[operation.parameters] ?? {}).map(([name, type]) => ({ uniqueItems: true, type, name, in: 'query' })),
    ],
    responses: { ...Object.fromEntries(operation.codes.map((code) => [code, { description: statuses[code], schema }])), 401: { description: statuses[401] } },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  }
}
