/** Kinds that are on their way out say so with every answer, reads too (upstream: apiserver/pkg/endpoints/installer.go). */
import type { KindDefinition } from '../../api/kind.ts'
import { headersFor } from './answers.ts'
import type { AnswerHeaders, Exchange, Outlet } from './exchange.ts'

/** The exchange itself, or one whose answers carry the warning. */
export function withDeprecation(exchange: Exchange, definition: KindDefinition): Exchange {
  return definition.deprecation === undefined ? exchange : new WarnedExchange(exchange, definition.deprecation)
}

class WarnedExchange implements Exchange {
  readonly #inner: Exchange
  readonly #warning: string

  constructor(inner: Exchange, text: string) {
    this.#inner = inner
    this.#warning = headersFor('', [text])['warning']![0]!
  }

  get method(): string {
    return this.#inner.method
  }
  get path(): string {
    return this.#inner.path
  }
  get query(): string {
    return this.#inner.query
  }
  get headers(): Exchange['headers'] {
    return this.#inner.headers
  }
  get proof(): Exchange['proof'] {
    return this.#inner.proof
  }
  get answered(): boolean {
    return this.#inner.answered
  }
  readBody(limit: number): Promise<Buffer> {
    return this.#inner.readBody(limit)
  }
  send(code: number, headers: AnswerHeaders, body?: string | Buffer): void {
    this.#inner.send(code, this.#with(headers), body)
  }
  open(code: number, headers: AnswerHeaders): Outlet {
    return this.#inner.open(code, this.#with(headers))
  }
  abort(): void {
    this.#inner.abort()
  }

  #with(headers: AnswerHeaders): AnswerHeaders {
    const others = headers['warning'] ?? []
    return { ...headers, warning: [...new Set([...(typeof others === 'string' ? [others] : others), this.#warning])] }
  }
}
