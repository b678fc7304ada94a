/**
 * Documentation of models and fields, for `kubectl explain` and the editor. Read at build time from the JSDoc of the
 * official package @kubernetes/client-node, so that no prose is kept here. Absent in a checkout that was not built: then
 * everything works, and explains less. Nothing here knows a file system: the build hands in a reader.
 */
export interface ModelDocs {
  readonly about: string
  readonly fields: Readonly<Record<string, string>>
}

/** By full model name, e.g. `io.k8s.api.core.v1.Pod`. */
export type Docs = Readonly<Record<string, ModelDocs>>

export const noDocs: Docs = {}

/** Groups whose class names carry a prefix, because other groups have models of the same name. */
const prefixes: readonly [string, string][] = [
  ['io.k8s.api.core.v1.Event', 'CoreV1Event'],
  ['io.k8s.api.core.v1.EventList', 'CoreV1EventList'],
  ['io.k8s.api.core.v1.EventSeries', 'CoreV1EventSeries'],
  ['io.k8s.api.core.v1.EndpointPort', 'CoreV1EndpointPort'],
  ['io.k8s.api.core.v1.ResourceClaim', 'CoreV1ResourceClaim'],
  ['io.k8s.api.events.v1.Event', 'EventsV1Event'],
  ['io.k8s.api.events.v1.EventList', 'EventsV1EventList'],
  ['io.k8s.api.events.v1.EventSeries', 'EventsV1EventSeries'],
  ['io.k8s.api.discovery.v1.EndpointPort', 'DiscoveryV1EndpointPort'],
]
const byModel = new Map(prefixes)

/** The package's name for a model: `V1Pod`. */
export const className = (model: string): string => byModel.get(model) ?? `V1${model.slice(model.lastIndexOf('.') + 1)}`

/** `read` gives the text of a class's declaration file, or undefined where there is none. */
export function extractDocs(models: Iterable<string>, read: (className: string) => string | undefined): Docs {
  const docs: Record<string, ModelDocs> = {}
  for (const model of models) {
    const text = read(className(model))
    if (text !== undefined) docs[model] = parseDeclarations(text)
  }
  return docs
}

/** The comments of one declaration file: that of the class, and that of each field. */
function parseDeclarations(text: string): ModelDocs {
  const fields: Record<string, string> = {}
  const body = text.indexOf('export declare class')
  for (const match of text.slice(body).matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'([^']+)'\??:/g)) fields[match[2]!] = prose(match[1]!)
  const about = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, body))?.[1]
  return { about: about === undefined || about.includes('NOTE: This class is auto generated') ? '' : prose(about), fields }
}

/** JSDoc to text; the generator escapes quotes. */
const prose = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .replace(/\\(['"])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
