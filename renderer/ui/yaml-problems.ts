/** What is wrong with a text as YAML, before anyone is asked. Pure. */
import { LineCounter, parseAllDocuments } from 'yaml'
import type { Problem } from '../../electron/contract.ts'

export function yamlProblems(text: string): Problem[] {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => [...document.errors, ...document.warnings].map((error): Problem => {
    const at = counter.linePos(error.pos[0])
    return { severity: error.name === 'YAMLWarning' ? 'warning' : 'error', message: plain(error.message), line: Math.max(1, at.line), column: at.col }
  }))
}

const words: readonly [RegExp, string][] = [
  [/^Map keys must be unique.*/, 'This key is there twice.'],
  [/^Tabs are not allowed as indentation.*/, 'YAML is indented with spaces, not tabs.'],
  [/^All mapping items must start at the same column.*/, 'This line is indented differently from its neighbours.'],
  [/^Implicit map keys need to be followed by map values.*/, 'A “:” is missing after this name.'],
  [/^Implicit keys need to be on a single line.*/, 'A “:” is missing here, or this text needs quotes.'],
  [/^Nested mappings are not allowed in compact mappings.*/, 'Two “key:” on one line: quote the text, or break the line.'],
  [/^Unexpected scalar at node end.*/, 'This text does not belong here; is a quote or a “-” missing?'],
  [/^Missing closing (.)quote.*/, 'A closing quote is missing.'],
]
const plain = (message: string): string => {
  for (const [pattern, say] of words) if (pattern.test(message)) return say
  return message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '')
}
