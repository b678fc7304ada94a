/**
 * Says what is wrong with a text that JSON.parse refused, in the words users know from upstream (Go's encoding/json).
 * Only called for texts that failed.
 */
export function jsonComplaint(text: string): string {
  const scan = new Scan(text)
  return scan.value() ?? scan.after('after top-level value') ?? 'invalid JSON'
}

const isDigit = (c: string | undefined) => c !== undefined && c >= '0' && c <= '9'

class Scan {
  #at = 0

  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  #skip(): string | undefined {
    while (this.#at < this.text.length && ' \t\r\n'.includes(this.text[this.#at]!)) this.#at++
    return this.text[this.#at]
  }

  #bad(where: string): string {
    const point = this.text.codePointAt(this.#at)
    if (point === undefined) return 'unexpected end of JSON input'
    const c = String.fromCodePoint(point)
    const shown = c === "'" ? `'\\''` : c === '"' ? `'"'` : point < 32 ? (({ '\n': `'\\n'`, '\t': `'\\t'`, '\r': `'\\r'` })[c] ?? `'\\x${point.toString(16).padStart(2, '0')}'`) : `'${c}'`
    return `invalid character ${shown} ${where}`
  }

  after(where: string): string | undefined {
    return this.#skip() === undefined ? undefined : this.#bad(where)
  }

  value(): string | undefined {
    const c = this.#skip()
    if (c === '{') return this.#object()
    if (c === '[') return this.#array()
    if (c === '"') return this.#string()
    if (c === '-' || isDigit(c)) return this.#number()
    if (c === 't') return this.#word('true')
    if (c === 'f') return this.#word('false')
    if (c === 'n') return this.#word('null')
    return this.#bad('looking for beginning of value')
  }

  #object(): string | undefined {
    this.#at++
    for (let first = true; ; first = false) {
      const c = this.#skip()
      if (c === '}' && first) break
      if (c !== '"') return this.#bad('looking for beginning of object key string')
      const key = this.#string()
      if (key !== undefined) return key
      if (this.#skip() !== ':') return this.#bad('after object key')
      this.#at++
      const value = this.value()
      if (value !== undefined) return value
      const next = this.#skip()
      if (next === '}') break
      if (next !== ',') return this.#bad('after object key:value pair')
      this.#at++
    }
    this.#at++
    return undefined
  }

  #array(): string | undefined {
    this.#at++
    for (let first = true; ; first = false) {
      if (this.#skip() === ']' && first) break
      const value = this.value()
      if (value !== undefined) return value
      const next = this.#skip()
      if (next === ']') break
      if (next !== ',') return this.#bad('after array element')
      this.#at++
    }
    this.#at++
    return undefined
  }

  #string(): string | undefined {
    for (this.#at++; ; this.#at++) {
      const c = this.text[this.#at]
      if (c === undefined) return this.#bad('')
      if (c === '"') break
      if (c < ' ') return this.#bad('in string literal')
      if (c !== '\\') continue
      const escape = this.text[++this.#at]
      if (escape === 'u') {
        for (let i = 0; i < 4; i++) if (!/[0-9a-fA-F]/.test(this.text[++this.#at] ?? '')) return this.#bad('in \\u hexadecimal character escape')
      } else if (escape === undefined || !'"\\/bfnrt'.includes(escape)) return this.#bad('in string escape code')
    }
    this.#at++
    return undefined
  }

  #number(): string | undefined {
    if (this.text[this.#at] === '-' && !isDigit(this.text[++this.#at])) return this.#bad('in numeric literal')
    if (this.text[this.#at] === '0') this.#at++
    else while (isDigit(this.text[this.#at])) this.#at++
    if (this.text[this.#at] === '.') {
      this.#at++
      if (!isDigit(this.text[this.#at])) return this.#bad('after decimal point in numeric literal')
      while (isDigit(this.text[this.#at])) this.#at++
    }
    if (this.text[this.#at] === 'e' || this.text[this.#at] === 'E') {
      this.#at++
      if (this.text[this.#at] === '+' || this.text[this.#at] === '-') this.#at++
      if (!isDigit(this.text[this.#at])) return this.#bad('in exponent of numeric literal')
      while (isDigit(this.text[this.#at])) this.#at++
    }
    return undefined
  }

  #word(word: string): string | undefined {
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.text[this.#at] !== word[i]) return this.#bad(i === 0 ? 'looking for beginning of value' : `in literal ${word} (expecting '${word[i]}')`)
    }
    return undefined
  }
}
