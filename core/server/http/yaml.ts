/**
 * YAML in and out, as upstream reads and writes it (sigs.k8s.io/yaml: YAML 1.1 booleans, no timestamps, no base 60).
 * The library is loaded at first use: most servers never see YAML.
 */
import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml'

export interface YamlDocument {
  readonly value: unknown
  /** Paths of keys that stand twice. */
  readonly duplicates: readonly string[]
}

/** Throws an Error with a one-line message. */
export async function parseYaml(text: string): Promise<YamlDocument> {
  const { parseDocument, isMap, isSeq, isScalar } = await import('yaml')
  const document = parseDocument(text, {
    version: '1.1',
    uniqueKeys: false,
    customTags: (tags) => tags.filter((t) => typeof t === 'string' || (t.tag !== 'tag:yaml.org,2002:timestamp' && t.tag !== 'tag:yaml.org,2002:binary' && !('format' in t && t.format === 'TIME'))),
  })
  const wrong = document.errors[0]
  if (wrong !== undefined) throw new Error(`yaml: line ${wrong.linePos?.[0].line ?? 1}: ${wrong.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`)
  const duplicates: string[] = []
  const walk = (node: unknown, path: string) => {
    if (isMap(node)) {
      const seen = new Set<string>()
      for (const pair of (node as YAMLMap).items as Pair<Node, Node>[]) {
        const key = String(isScalar(pair.key) ? pair.key.value : pair.key)
        const at = path === '' ? key : `${path}.${key}`
        if (seen.has(key)) duplicates.push(at)
        seen.add(key)
        walk(pair.value, at)
      }
    } else if (isSeq(node)) (node as YAMLSeq).items.forEach((item, i) => walk(item, `${path}[${i}]`))
  }
  walk(document.contents, '')
  return { value: document.toJS({ maxAliasCount: 1000 }) as unknown, duplicates }
}

export async function printYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(value, { version: '1.1', lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false, sortMapEntries: true })
}
