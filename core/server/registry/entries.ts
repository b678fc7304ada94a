/**
 * Store entries as answers. An answer's text is the stored text; its object is parsed once, when somebody looks, frozen,
 * and shared by everyone who holds the entry (watchers, lists, the in-process client).
 */
import { deepFreeze } from '../../base/freeze.ts'
import type { AnyObject } from '../../api/kind.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Entry } from '../../store/store.ts'
import type { Answer, Face } from './registry.ts'

export class StoredAnswer implements Answer {
  readonly json: string
  readonly created?: boolean
  #object: KubeObject | undefined

  constructor(json: string, object?: KubeObject, created?: boolean) {
    this.json = json
    this.#object = object
    if (created !== undefined) this.created = created
  }

  get object(): KubeObject {
    this.#object ??= deepFreeze(JSON.parse(this.json) as KubeObject)
    return this.#object
  }
}

/** An answer made for one request: an object that is not stored in this form. */
export const answerOf = (object: AnyObject): Answer => {
  const frozen = deepFreeze(object) as KubeObject
  return new StoredAnswer(JSON.stringify(frozen), frozen)
}

export const asCreated = (answer: Answer): Answer => new StoredAnswer(answer.json, undefined, true)

export class Entries {
  readonly #stored = new WeakMap<Entry, StoredAnswer>()
  readonly #faces = new Map<Face, WeakMap<Entry, Answer>>()

  /** The entry in the form of the kind's storage. */
  stored(entry: Entry): StoredAnswer {
    let answer = this.#stored.get(entry)
    if (answer === undefined) {
      answer = new StoredAnswer(entry.value)
      this.#stored.set(entry, answer)
    }
    return answer
  }

  object(entry: Entry): KubeObject {
    return this.stored(entry).object
  }

  answer(face: Face, entry: Entry): Answer {
    if (face.toWire === undefined) return this.stored(entry)
    let known = this.#faces.get(face)
    if (known === undefined) this.#faces.set(face, (known = new WeakMap()))
    let answer = known.get(entry)
    if (answer === undefined) {
      answer = answerOf(face.toWire(this.object(entry)))
      known.set(entry, answer)
    }
    return answer
  }
}
