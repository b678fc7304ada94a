/** Cordon and drain: a machine takes no new Pods; its Pods move away. What moves, what stays and what is lost is worked out first. Pure. */
import { controllerOf, refOf, type KubeObject } from '../../core/api/meta.ts'
import { count, listInWords } from '../words/amounts.ts'
import { isReady, podsOf, podTitle, selects, servicesFor, shortName, type LabelSelector, type World } from '../words/world.ts'
import type { ActionPlan, ConfirmLine } from './action.ts'

export const isCordoned = (node: KubeObject): boolean => (node['spec'] as { unschedulable?: boolean } | undefined)?.unschedulable === true

export function cordonPlan(node: KubeObject, on: boolean): ActionPlan {
  const name = node.metadata.name
  return {
    calls: [{ call: 'patch', arg: { ref: refOf(node), patch: { type: 'merge', body: { spec: { unschedulable: on ? true : null } } }, say: on ? `cordoned ${name}` : `uncordoned ${name}` } }],
    done: on ? `${name} takes no new Pods` : `${name} takes Pods again`,
    kubectl: `kubectl ${on ? 'cordon' : 'uncordon'} ${name}`,
  }
}

export interface BudgetView { name: string; allowed: number; healthy: number; desired: number }

/** Budgets that count a Pod: one that allows nothing holds its eviction back. */
export const budgetsOf = (world: World, pod: KubeObject): BudgetView[] =>
  world.list('PodDisruptionBudget', pod.metadata.namespace)
    .filter((budget) => selects((budget['spec'] as { selector?: LabelSelector } | undefined)?.selector, pod.metadata.labels))
    .map((budget) => {
      const { disruptionsAllowed: allowed = 0, currentHealthy: healthy = 0, desiredHealthy: desired = 0 } = (budget['status'] ?? {}) as { disruptionsAllowed?: number; currentHealthy?: number; desiredHealthy?: number }
      return { name: budget.metadata.name, allowed, healthy, desired }
    })

/** "web-1 and web-2 wait: budget web …" for each budget that will not let all of its Pods go at once. */
function heldLines(world: World, going: readonly DrainPod[], called: (pods: DrainPod[]) => string): ConfirmLine[] {
  const byBudget = new Map<string, { budget: BudgetView; pods: DrainPod[] }>()
  for (const one of going) {
    // What has finished is not counted among the healthy.
    if (!isReady(one.pod)) continue
    for (const budget of budgetsOf(world, one.pod)) {
      const entry = byBudget.get(`${one.pod.metadata.namespace ?? ''}/${budget.name}`)
      if (entry) entry.pods.push(one)
      else byBudget.set(`${one.pod.metadata.namespace ?? ''}/${budget.name}`, { budget, pods: [one] })
    }
  }
  return [...byBudget.values()].filter(({ budget, pods }) => pods.length > budget.allowed).map(({ budget, pods }): ConfirmLine => {
    const later = pods.slice(budget.allowed)
    return { mark: 'waiting', text: `${called(later)} ${later.length === 1 ? 'waits' : 'wait'}: budget ${budget.name} keeps ${budget.desired} healthy and has ${budget.healthy}${budget.allowed > 0 ? `, so ${budget.allowed} may go at a time` : ''}. The move goes on by itself when it allows more.` }
  })
}

export interface DrainPod { pod: KubeObject; outcome: 'moves' | 'stays' | 'lost'; say: string }

/** What a drain does to each Pod of the machine (upstream's filters: kubectl/pkg/drain/filters.go). */
export function drainPods(world: World, node: KubeObject): DrainPod[] {
  return podsOf(world, node).flatMap((pod): DrainPod[] => {
    if (pod.metadata.deletionTimestamp !== undefined) return []
    const phase = (pod['status'] as { phase?: string } | undefined)?.phase
    const owner = controllerOf(pod.metadata)
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [{ pod, outcome: 'stays', say: 'belongs to the machine itself' }]
    if (owner?.kind === 'DaemonSet') return [{ pod, outcome: 'stays', say: 'runs on every machine' }]
    if (phase === 'Succeeded' || phase === 'Failed') return [{ pod, outcome: 'lost', say: 'finished; its logs go' }]
    if (!owner) return [{ pod, outcome: 'lost', say: 'no controller owns it: it does not come back' }]
    const volumes = (pod['spec'] as { volumes?: { emptyDir?: unknown; hostPath?: unknown }[] } | undefined)?.volumes ?? []
    if (volumes.some((v) => v.emptyDir !== undefined)) return [{ pod, outcome: 'moves', say: 'starts elsewhere; its scratch files (emptyDir) are lost' }]
    return [{ pod, outcome: 'moves', say: 'starts elsewhere' }]
  })
}

export function drainPlan(world: World, node: KubeObject): ActionPlan {
  const name = node.metadata.name
  const pods = drainPods(world, node)
  const going = pods.filter((p) => p.outcome !== 'stays')
  const lost = pods.filter((p) => p.outcome === 'lost')
  const stays = pods.filter((p) => p.outcome === 'stays')
  const scratch = pods.filter((p) => p.say.includes('emptyDir'))
  const goingIds = new Set(going.map((p) => p.pod.metadata.uid))
  const gaps = new Set(going.flatMap((p) => servicesFor(world, p.pod.metadata.namespace, p.pod.metadata.labels))
    .filter((service) => !podsOf(world, service).some((pod) => isReady(pod) && !goingIds.has(pod.metadata.uid))).map((s) => s.metadata.name))
  const others = world.list('Node').filter((n) => n.metadata.name !== name && !isCordoned(n) &&
    ((n['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True'))
  const few = (list: DrainPod[]) => listInWords([...list.slice(0, 4).map((p) => podTitle(world, p.pod)), ...(list.length > 4 ? [`${list.length - 4} more`] : [])])
  const lines: ConfirmLine[] = [
    { mark: 'leaving', text: going.length === 0 ? 'No Pod has to move.' : `${count(going.length, 'Pod')} ${going.length === 1 ? 'stops' : 'stop'} here: ${few(going)}.` },
    ...(going.length > lost.length && others.length === 0 ? [{ mark: 'waiting', text: `No other machine takes Pods, so they wait until ${name} is back.` } as const] : []),
    ...heldLines(world, going, few),
    ...(gaps.size > 0 ? [{ mark: 'degraded', text: `${listInWords([...gaps])} ${gaps.size === 1 ? 'does' : 'do'} not answer until the new ${going.length === 1 ? 'Pod is' : 'Pods are'} ready.` } as const] : []),
    ...(scratch.length > 0 ? [{ mark: 'degraded', text: `Scratch files (emptyDir) of ${few(scratch)} are lost.` } as const] : []),
    ...(lost.length > 0 ? [{ mark: 'failing', text: `${few(lost)} ${lost.length === 1 ? 'does' : 'do'} not come back: no controller owns ${lost.length === 1 ? 'it' : 'them'}, or it has finished.` } as const] : []),
    ...(stays.length > 0 ? [{ mark: 'finished', text: `${few(stays)} ${stays.length === 1 ? 'stays' : 'stay'}.` } as const] : []),
    { mark: 'returns', text: `“Take Pods again” opens ${name}; Pods that moved do not move back by themselves.` },
  ]
  return {
    calls: [
      ...(isCordoned(node) ? [] : cordonPlan(node, true).calls),
      ...going.map((p) => ({ call: 'evict', arg: { ref: refOf(p.pod), say: `moved Pod ${shortName(p.pod)} away from ${name}` } }) as const),
    ],
    done: going.length === 0 ? `${name} takes no new Pods` : `${name}: ${count(going.length, 'Pod')} ${going.length === 1 ? 'moves' : 'move'} away`,
    kubectl: `kubectl drain ${name} --ignore-daemonsets${scratch.length > 0 ? ' --delete-emptydir-data' : ''}${lost.length > 0 ? ' --force' : ''}`,
    patient: true,
    confirm: { title: `Move Pods away from ${name}?`, lines, verb: going.length === 0 ? `Cordon ${name}` : `Move ${count(going.length, 'Pod')} away`, keep: 'Leave them', danger: lost.length > 0 },
  }
}
