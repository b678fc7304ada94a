/**
 * What a person's write did, in words, where the writer said nothing (kubectl does not): "scaled web from 3 to 5",
 * "updated nginx to 1.26". Pure; from the verb, the object and the changed fields.
 */
import type { FieldChange } from '../../base/field-diff.ts'

export type Verb = 'create' | 'update' | 'delete'

const tagOf = (image: unknown): string => {
  const text = String(image)
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(text)?.[1]
  return tag ?? text
}
const repositoryOf = (image: unknown): string => String(image).replace(/@.*$/, '').replace(/:[^/:]+$/, '')

const bookkeeping = /^(metadata\.(resourceVersion|generation|managedFields|uid|creationTimestamp|selfLink)|metadata\.annotations\["?(kubectl\.kubernetes\.io\/last-applied-configuration|deployment\.kubernetes\.io\/revision)|apiVersion$|kind$)/

/** Changes worth telling: server bookkeeping left out. */
export const tellingChanges = (changes: readonly FieldChange[]): FieldChange[] => changes.filter((change) => !bookkeeping.test(change.path))

const article = (kind: string) => (kind === 'Endpoints' ? 'Endpoints' : kind)

export function sayChange(verb: Verb, kind: string, name: string, changes: readonly FieldChange[]): { say: string; why: string } {
  if (verb === 'create') return { say: `created ${article(kind)} ${name}`, why: '' }
  if (verb === 'delete') return { say: `deleted ${article(kind)} ${name}`, why: '' }
  const telling = tellingChanges(changes)
  const find = (pattern: RegExp) => telling.find((change) => pattern.test(change.path))

  if (find(/^metadata\.deletionTimestamp$/)) return { say: `asked to delete ${article(kind)} ${name}`, why: '' }
  const replicas = find(/^spec\.replicas$/)
  const image = find(/containers\[[^\]]+\]\.image$/)
  const also = (n: number) => (telling.length > n ? `and ${telling.length - n} more ${telling.length - n === 1 ? 'field' : 'fields'}` : '')
  if (image && image.before !== undefined && image.after !== undefined) {
    const sameRepository = repositoryOf(image.before) === repositoryOf(image.after)
    const [from, to] = sameRepository ? [tagOf(image.before), tagOf(image.after)] : [String(image.before), String(image.after)]
    return { say: `updated ${name} to ${to}`, why: [`was ${from}`, also(1)].filter(Boolean).join(', ') }
  }
  if (replicas) return { say: `scaled ${name} from ${String(replicas.before ?? 1)} to ${String(replicas.after ?? 1)}`, why: also(1) }
  if (find(/annotations\["kubectl\.kubernetes\.io\/restartedAt"\]$/)) return { say: `restarted ${name}`, why: 'every Pod is replaced in turn' }
  const paused = find(/^spec\.paused$/)
  if (paused) return { say: paused.after === true ? `paused the rollout of ${name}` : `resumed the rollout of ${name}`, why: '' }
  const cordoned = find(/^spec\.unschedulable$/)
  if (cordoned) return { say: cordoned.after === true ? `cordoned ${name}` : `uncordoned ${name}`, why: cordoned.after === true ? 'no new Pods are placed on it' : 'new Pods may be placed on it again' }
  if (telling.length === 0) return { say: `wrote ${name} without a change that matters`, why: '' }
  const first = telling[0]!
  return { say: `changed ${kind} ${name}`, why: [first.path, also(1)].filter(Boolean).join(' ') }
}
