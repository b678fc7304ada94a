/** A fix that `why` offers, as a plan: what is called, what changes field by field, how it is said. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import type { FieldChange, Fix } from '../../electron/contract.ts'
import { quantityToNumber } from '../words/amounts.ts'
import { replicaSetsOf, revisionOf, type World } from '../words/world.ts'
import { kubectlName, nsFlag, shellWord, type ActionPlan } from './action.ts'
import { cordonPlan } from './cordon.ts'
import { imagePlan, imagesOf } from './edit-image.ts'
import { labelCost, labelPlan } from './label-machine.ts'
import { replacementWords } from './restart.ts'
import { rollBackPlan, templateOf, versionWords } from './roll-back.ts'
import { replicasOf, scalePlan } from './scale.ts'

export interface FixPlan {
  /** undefined where the fix leads somewhere else (YAML, logs). */
  plan?: ActionPlan
  changes: FieldChange[]
  /** What taking it costs. */
  cost?: string
}

const withoutConfirm = ({ confirm: _confirm, ...plan }: ActionPlan): ActionPlan => plan

interface Resources { requests?: Record<string, string>; limits?: Record<string, string> }
interface PodSpecShape { containers?: { name: string; image?: string; resources?: Resources }[] }
const podSpecOf = (object: KubeObject): PodSpecShape | undefined => {
  const spec = object['spec'] as (PodSpecShape & { template?: { spec?: PodSpecShape } }) | undefined
  return object.kind === 'Pod' ? spec : spec?.template?.spec
}

/** Requests take the suggestion; a limit moves with it where it would be too low, or where only a limit was set. */
export function resourcesFor(now: Resources | undefined, suggestion: Record<string, string>): Resources {
  const requests: Record<string, string> = {}
  const limits: Record<string, string> = {}
  for (const [name, value] of Object.entries(suggestion)) {
    const wanted = quantityToNumber(value) ?? 0
    const limit = quantityToNumber(now?.limits?.[name])
    const request = quantityToNumber(now?.requests?.[name])
    // More than the limit: the limit was what hurt. Less than the request: the request was.
    if (limit !== undefined && (wanted > limit || request === undefined || (wanted < request && limit >= request))) limits[name] = value
    if (request !== undefined && wanted < request) requests[name] = value
    if (limit === undefined && request === undefined) requests[name] = value
  }
  return { ...(Object.keys(requests).length > 0 ? { requests } : {}), ...(Object.keys(limits).length > 0 ? { limits } : {}) }
}

export function fixPlan(world: World, fix: Fix, image?: string): FixPlan {
  switch (fix.do) {
    case 'set-image': {
      const object = world.get(fix.ref)
      const to = (image ?? fix.suggestion ?? '').trim()
      if (!object || to === '') return { changes: [] }
      const before = imagesOf(object).find((c) => c.name === fix.container)?.image
      return { plan: imagePlan(object, fix.container, to), changes: [{ path: 'image', ...(before === undefined ? {} : { before }), after: to }], ...(object.kind === 'Deployment' ? { cost: replacementWords(object) } : {}) }
    }
    case 'roll-back': {
      const object = world.get(fix.ref)
      const set = object && replicaSetsOf(world, object).find((rs) => revisionOf(rs) === fix.toRevision)
      if (!object || !set) return { changes: [] }
      const before = versionWords((object['spec'] as { template?: { spec?: { containers?: { image?: string }[] } } } | undefined)?.template ?? {})
      const after = versionWords(templateOf(set))
      return { plan: withoutConfirm(rollBackPlan(object, set)), changes: before === after ? [] : [{ path: 'image', before, after }], cost: replacementWords(object) }
    }
    case 'set-resources': {
      const object = world.get(fix.ref)
      if (!object) return { changes: [] }
      const now = podSpecOf(object)?.containers?.find((c) => c.name === fix.container)?.resources
      const resources = resourcesFor(now, fix.suggestion)
      const spec = { containers: [{ name: fix.container, resources }] }
      const changes = (['requests', 'limits'] as const).flatMap((side) => Object.entries(resources[side] ?? {}).map(([name, after]): FieldChange => {
        const before = now?.[side]?.[name]
        return { path: `${side}.${name}`, ...(before === undefined ? {} : { before }), after }
      }))
      const said = changes.map((c) => `${c.path} to ${String(c.after)}`).join(', ')
      // A Pod's own resources are fixed, but for its `resize` subresource.
      const bare = object.kind === 'Pod'
      return {
        plan: {
          calls: [{ call: 'patch', arg: { ref: fix.ref, ...(bare ? { subresource: 'resize' as const } : {}), patch: { type: 'strategic', body: { spec: bare ? spec : { template: { spec } } } }, say: `set ${said} of ${fix.ref.name}` } }],
          done: `${fix.ref.name}: ${said}`,
          kubectl: bare ? `kubectl patch ${kubectlName(fix.ref)} --subresource resize -p ${shellWord(JSON.stringify({ spec }))}${nsFlag(fix.ref)}` : `kubectl set resources ${kubectlName(fix.ref)} -c ${fix.container}${(['requests', 'limits'] as const).map((side) => (resources[side] ? ` --${side}=${Object.entries(resources[side]).map(([k, v]) => `${k}=${v}`).join(',')}` : '')).join('')}${nsFlag(fix.ref)}`,
        },
        changes,
        ...(object.kind === 'Deployment' ? { cost: replacementWords(object) } : {}),
      }
    }
    case 'scale': {
      const object = world.get(fix.ref)
      if (!object) return { changes: [] }
      return { plan: withoutConfirm(scalePlan(world, object, fix.replicas)), changes: [{ path: 'replicas', before: replicasOf(object), after: fix.replicas }] }
    }
    case 'uncordon': {
      const object = world.get(fix.ref)
      return object ? { plan: cordonPlan(object, false), changes: [] } : { changes: [] }
    }
    case 'label': {
      const object = world.get(fix.ref)
      if (!object) return { changes: [] }
      const cost = labelCost(world, object, fix.labels)
      return { ...labelPlan(object, fix.labels), ...(cost === undefined ? {} : { cost }) }
    }
    case 'retry-pull': return { plan: { calls: [{ call: 'retryPull', arg: fix.ref }], done: `${fix.ref.name} pulls its image again`, kubectl: `kubectl delete ${kubectlName(fix.ref)}${nsFlag(fix.ref)}` }, changes: [] }
    case 'create': {
      const name = fix.object.metadata.name ?? ''
      return { plan: { calls: [{ call: 'create', arg: { object: fix.object, say: `created ${fix.object.kind} ${name}` } }], done: `${fix.object.kind} ${name} created`, kubectl: `kubectl create ${fix.object.kind.toLowerCase()} ${name}${nsFlag(refOf(fix.object))}` }, changes: [] }
    }
    default: return { changes: [] }
  }
}
