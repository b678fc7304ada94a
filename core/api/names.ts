/**
 * Syntax checks for names, label keys, ports and the like. Each returns upstream's sentences; none means valid.
 * Upstream: apimachinery/pkg/api/validate/content, apimachinery/pkg/util/validation.
 */
import type { NameRule } from './kind.ts'

type Check = (value: string) => string[]

const byteLength = (text: string): number => {
  let bytes = 0
  for (const char of text) {
    const code = char.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

export function regexMessage(sentence: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return examples.length === 0 ? `${sentence} (regex used for validation is '${pattern}')` : `${sentence} (e.g. ${shown}regex used for validation is '${pattern}')`
}
export const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`

interface Syntax {
  pattern: string
  sentence: string
  examples: string[]
  maxBytes?: number
}
function syntax({ pattern, sentence, examples, maxBytes }: Syntax, unit = 'bytes'): Check {
  const regex = new RegExp(`^(?:${pattern})$`)
  return (value) => {
    const found: string[] = []
    if (maxBytes !== undefined && value.length * 3 > maxBytes && byteLength(value) > maxBytes) found.push(`must be no more than ${maxBytes} ${unit}`)
    if (!regex.test(value)) found.push(regexMessage(sentence, pattern, ...examples))
    return found
  }
}

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`

const labelSyntax = {
  pattern: labelPattern,
  sentence: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
  maxBytes: 63,
}
const subdomainSyntax = {
  pattern: subdomainPattern,
  sentence: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
  maxBytes: 253,
}
const subdomainRegex = new RegExp(`^${subdomainPattern}$`)
const withoutDots = (check: Check): Check => (value) => {
  const found = check(value)
  return found.length > 0 && value.includes('.') && subdomainRegex.test(value) ? [...found.slice(0, -1), 'must not contain dots'] : found
}

/**
 * Names of objects and of fields: the older checks, which validation functions still call, count "characters"; the
 * newer ones, behind label keys and values, count "bytes".
 */
export const dns1123Label: Check = withoutDots(syntax(labelSyntax, 'characters'))
export const dns1123Subdomain: Check = syntax(subdomainSyntax, 'characters')
const dns1035Label: Check = syntax({
  pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
  sentence: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
  maxBytes: 63,
}, 'characters')

const underscorePattern = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
/** What DNS search lists may hold beyond names of objects. */
export const dns1123SubdomainWithUnderscore: Check = syntax({
  pattern: `${underscorePattern}(\\.${underscorePattern})*`,
  sentence: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
  maxBytes: 253,
}, 'characters')

const prefixSubdomain = syntax(subdomainSyntax)
const keyName = {
  pattern: '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  sentence: "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyName', 'my.name', '123-abc'],
  maxBytes: 63,
}
const keyNameCheck = syntax(keyName)

/** Keys of labels, annotations and taints, and names of finalizers: `[prefix/]name`. */
export const labelKey: Check = (value) => {
  const parts = value.split('/')
  if (parts.length > 2) return [`a valid label key ${regexMessage(keyName.sentence, keyName.pattern, ...keyName.examples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const [name, prefix] = parts.length === 2 ? [parts[1]!, parts[0]!] : [parts[0]!, undefined]
  const found: string[] = []
  if (prefix === '') found.push('prefix part must be non-empty')
  else if (prefix !== undefined) found.push(...prefixSubdomain(prefix).map((sentence) => `prefix part ${sentence}`))
  if (name === '') found.push('name part must be non-empty')
  found.push(...keyNameCheck(name).map((sentence) => `name part ${sentence}`))
  return found
}

export const labelValue: Check = syntax({
  pattern: '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  sentence: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyValue', 'my_value', '12345'],
  maxBytes: 63,
})

const leadingDots = (value: string): string[] =>
  value === '.' ? ["must not be '.'"] : value === '..' ? ["must not be '..'"] : value.startsWith('..') ? ["must not start with '..'"] : []

const configKeySyntax = syntax({
  pattern: '[-._a-zA-Z0-9]+',
  sentence: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ['key.name', 'KEY_NAME', 'key-name'],
  maxBytes: 253,
}, 'characters')
/** Keys of ConfigMap and Secret data. */
export const configMapKey: Check = (value) => [...configKeySyntax(value), ...leadingDots(value)]

export const envVarName: Check = (value) => [
  ...(value === '' ? ['environment variable name must be non-empty'] : []),
  ...(/^[\x20-\x3c\x3e-\x7e]*$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]),
]

/** IANA service names: names of container and Service ports. */
export const portName: Check = (value) => {
  const found: string[] = []
  if (value.length > 15) found.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(value)) found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) found.push('must contain at least one letter (a-z)')
  if (value.includes('--')) found.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) found.push('must not begin or end with a hyphen')
  return found
}
export const portNumber = (value: number): string[] => (Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : [rangeMessage(1, 65535)])

export const httpHeaderName: Check = syntax({
  pattern: '[-A-Za-z0-9]+',
  sentence: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ['X-Header-Name'],
})
export const percent: Check = syntax({ pattern: '[0-9]+%', sentence: "a valid percent string must be a numeric string followed by an ending '%'", examples: ['1%', '93%'] })

/** Any segment of a URL path (upstream: apimachinery/pkg/api/validate/content/path.go). */
export const pathSegment: Check = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((char) => value.includes(char)).map((char) => `may not contain '${char}'`)
}

/** `*.example.com` (upstream: IsWildcardDNS1123Subdomain). */
export const wildcardSubdomain: Check = syntax({
  pattern: `\\*\\.${subdomainPattern}`,
  sentence: "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ['*.example.com'],
  maxBytes: 253,
})

const nameChecks: Record<NameRule, Check> = { subdomain: dns1123Subdomain, label: dns1123Label, label1035: dns1035Label, 'path-segment': pathSegment }

/** Checks metadata.name, or metadata.generateName whose last dash a suffix will follow. */
export function checkName(rule: NameRule, name: string, prefix = false): string[] {
  return nameChecks[rule](prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name)
}
