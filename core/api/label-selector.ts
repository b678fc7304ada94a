/**
 * Label selectors in both forms: the text of queries (`app=web,tier in (a,b),!old`) and the LabelSelector object.
 * Upstream: apimachinery/pkg/labels/selector.go, apimachinery/pkg/apis/meta/v1/helpers.go.
 */
import { type FieldError, forbidden, invalid, required } from './field-error.ts'
import { labelKey, labelValue } from './names.ts'
import type { LabelSelector } from './types/meta.ts'

export type Labels = Readonly<Record<string, string>>
export type LabelOperator = 'In' | 'NotIn' | '=' | '!=' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'

export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

/** Every requirement must hold; none at all matches everything. */
export interface Selector {
  readonly requirements: readonly LabelRequirement[]
  matches(labels: Labels | undefined): boolean
}

const noLabels: Labels = {}

export const everything: Selector = { requirements: [], matches: () => true }
export const nothing: Selector = { requirements: [], matches: () => false }

function selectorOf(requirements: readonly LabelRequirement[]): Selector {
  if (requirements.length === 0) return everything
  return { requirements, matches: (labels = noLabels) => requirements.every((requirement) => holds(requirement, labels)) }
}

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const has = Object.hasOwn(labels, key)
  const value = has ? labels[key]! : ''
  switch (operator) {
    case 'In':
    case '=':
      return has && values.includes(value)
    case 'NotIn':
    case '!=':
      return !has || !values.includes(value)
    case 'Exists':
      return has
    case 'DoesNotExist':
      return !has
    case 'Gt':
    case 'Lt': {
      if (!has || !/^[+-]?\d+$/.test(value)) return false
      return operator === 'Gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0])
    }
  }
}

/** `undefined` selects nothing, an empty selector everything. Assumes a valid selector. */
export function labelSelector(selector: LabelSelector | undefined): Selector {
  return selector === undefined ? nothing : selectorOf(requirementsOf(selector))
}

export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0

/** Service.spec.selector and the like: an empty map selects nothing. */
export function setSelector(labels: Labels | undefined): Selector {
  const entries = Object.entries(labels ?? {})
  return entries.length === 0 ? nothing : selectorOf(entries.map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

function requirementsOf(selector: LabelSelector): LabelRequirement[] {
  return [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelRequirement => ({ key, operator: '=', values: [value] })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values }): LabelRequirement => ({ key, operator: operator as LabelOperator, values: values ?? [] })),
  ]
}

/** As printed in tables and in scale's status: `app=web,tier in (a,b)`; keys sorted. */
export function selectorText(selector: Selector | LabelSelector | undefined): string {
  if (selector === undefined || selector === nothing) return '<none>'
  const requirements = 'matches' in selector ? selector.requirements : requirementsOf(selector)
  return [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(requirementText).join(',')
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  const list = [...values].sort().join(',')
  switch (operator) {
    case 'In': return `${key} in (${list})`
    case 'NotIn': return `${key} notin (${list})`
    case 'Exists': return key
    case 'DoesNotExist': return `!${key}`
    case 'Gt': return `${key}>${list}`
    case 'Lt': return `${key}<${list}`
    default: return `${key}${operator}${list}`
  }
}

/** Throws a RangeError with upstream's sentence. */
export function parseLabelSelector(text: string): Selector {
  return selectorOf(new Parser(text).parse().sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)))
}

type Token = { kind: 'end' | 'identifier' | 'symbol' | 'word' | 'error'; text: string }
const symbols = /^(?:==|!=|[=!(),><])/

function scan(text: string): Token[] {
  const tokens: Token[] = []
  for (let rest = text.replace(/^\s+/, ''); rest !== ''; rest = rest.replace(/^\s+/, '')) {
    const match = symbols.exec(rest) ?? /^[^\s=!(),><]+/.exec(rest)!
    const token = match[0]
    tokens.push({ kind: symbols.test(token) ? 'symbol' : token === 'in' || token === 'notin' ? 'word' : 'identifier', text: token })
    rest = rest.slice(token.length)
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

class Parser {
  readonly #tokens: Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = scan(text)
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const next = this.#peek()
      if (next.kind === 'end') return requirements
      if (!isIdentifier(next) && next.text !== '!') throw new RangeError(`found '${next.text}', expected: !, identifier, or 'end of string'`)
      requirements.push(this.#requirement())
      const after = this.#take()
      if (after.kind === 'end') return requirements
      if (after.text !== ',') throw new RangeError(`found '${after.text}', expected: ',' or 'end of string'`)
      const following = this.#peek()
      if (!isIdentifier(following) && following.text !== '!') throw new RangeError(`found '${following.text}', expected: identifier after ','`)
    }
  }

  #requirement(): LabelRequirement {
    const negated = this.#peek().text === '!' && this.#take() !== undefined
    const key = this.#take()
    if (!isIdentifier(key)) throw refusal(`found '${key.text}', expected: identifier`)
    const wrong = labelKey(key.text)
    if (wrong.length > 0) throw refusal(`<nil>: Invalid value: ${JSON.stringify(key.text)}: ${wrong.join('; ')}`)
    if (negated) return { key: key.text, operator: 'DoesNotExist', values: [] }
    const next = this.#peek()
    if (next.kind === 'end' || next.text === ',') return { key: key.text, operator: 'Exists', values: [] }
    const operator = this.#operator()
    const values = operator === 'In' || operator === 'NotIn' ? this.#values() : [this.#value()]
    const found = values.flatMap((value) => labelValue(value).map((sentence) => ({ value, sentence })))
    if (found.length > 0) throw refusal(`values[0][${key.text}]: Invalid value: ${JSON.stringify(found[0]!.value)}: ${found.map(({ sentence }) => sentence).join('; ')}`)
    if ((operator === 'Gt' || operator === 'Lt') && !/^[+-]?\d+$/.test(values[0]!)) {
      throw refusal(`values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`)
    }
    return { key: key.text, operator, values }
  }

  #operator(): LabelOperator {
    const { text } = this.#take()
    const operators: Record<string, LabelOperator> = { in: 'In', notin: 'NotIn', '=': '=', '==': '=', '!=': '!=', '>': 'Gt', '<': 'Lt' }
    const operator = operators[text]
    if (operator === undefined) throw refusal(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
    return operator
  }

  #value(): string {
    const next = this.#peek()
    if (next.kind === 'end' || next.text === ',') return ''
    this.#at++
    if (!isIdentifier(next)) throw refusal(`found '${next.text}', expected: identifier`)
    return next.text
  }

  #values(): string[] {
    const open = this.#take()
    if (open.text !== '(') throw refusal(`found '${open.text}' expected: '('`)
    const values = new Set<string>()
    let empty = true
    for (;;) {
      const token = this.#take()
      if (token.text === ')' || token.text === ',') {
        if (empty) values.add('')
        if (token.text === ')') return [...values].sort()
        empty = true
      } else if (isIdentifier(token)) {
        if (!empty) throw refusal(`found '${token.text}', expected: ',' or ')'`)
        values.add(token.text)
        empty = false
      } else throw refusal(`found '${token.text}', expected: ${empty ? "',', ')' or identifier" : "',' or ')'"}`)
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!
  }

  #take(): Token {
    return this.#tokens[this.#at < this.#tokens.length - 1 ? this.#at++ : this.#at]!
  }
}

/** `in` and `notin` are words of the grammar only where an operator may stand. */
const isIdentifier = (token: Token) => token.kind === 'identifier' || token.kind === 'word'
const refusal = (detail: string) => new RangeError(`unable to parse requirement: ${detail}`)

/** Upstream: apimachinery/pkg/apis/meta/v1/validation, ValidateLabelSelector. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (selector === undefined) return []
  const errors = validateLabels(selector.matchLabels, `${path}.matchLabels`)
  for (const [i, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${i}]`
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    for (const sentence of labelKey(key)) errors.push(invalid(`${at}.key`, key, sentence))
    for (const [j, value] of values.entries()) for (const sentence of labelValue(value)) errors.push(invalid(`${at}.values[${j}]`, value, sentence))
  }
  return errors
}

export function validateLabels(labels: Labels | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const key in labels) {
    for (const sentence of labelKey(key)) errors.push(invalid(path, key, sentence))
    for (const sentence of labelValue(labels[key]!)) errors.push(invalid(path, labels[key], sentence))
  }
  return errors
}
