/** Colours for YAML lines without an editor: good enough for text that we printed ourselves. Pure. */
export interface Token { text: string; kind: 'key' | 'string' | 'number' | 'punct' | 'comment' | 'plain' }

function value(text: string): Token[] {
  if (text === '') return []
  if (/^\s*#/.test(text)) return [{ text, kind: 'comment' }]
  const trimmed = text.trim()
  if (/^([|>][-+]?|\{\}|\[\]|---|-)$/.test(trimmed)) return [{ text, kind: 'punct' }]
  if (/^-?\d+(\.\d+)?([eE][-+]?\d+)?([KMGTPE]i?|m|k|u|n)?$/.test(trimmed) || /^(true|false|null|~)$/.test(trimmed)) return [{ text, kind: 'number' }]
  return [{ text, kind: 'string' }]
}

export function yamlTokens(line: string): Token[] {
  const match = /^(\s*(?:- )*)((?:"[^"]*"|'[^']*'|[^\s#:'"-][^:#]*?|-[^\s:][^:]*?)):(\s.*|)$/.exec(line)
  if (match) {
    return [
      ...(match[1] === '' ? [] : [{ text: match[1]!, kind: 'punct' } as const]),
      { text: `${match[2]!}:`, kind: 'key' },
      ...value(match[3]!),
    ]
  }
  const item = /^(\s*(?:- )+)(.*)$/.exec(line)
  if (item) return [{ text: item[1]!, kind: 'punct' }, ...value(item[2]!)]
  return value(line)
}
