/** Panels of namespaces (how much of what is in one) and of the accounts that Pods act as. Pure. */
import type { KubeObject } from '../../../../core/api/meta.ts'
import type { Pod, ServiceAccount } from '../../../../core/api/types/core.ts'
import { count } from '../../../words/amounts.ts'
import { isReady, type World } from '../../../words/world.ts'
import { lookOf } from '../../../kinds/look.ts'
import { byName, cell, inNamespace, linked, type Cell, type Part } from './part.ts'

const told = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'CronJob', 'Job', 'Pod', 'Service', 'Ingress', 'PersistentVolumeClaim', 'ConfigMap', 'Secret'] as const

export function namespaceParts(world: World, { metadata }: KubeObject): Part[] {
  const rows = told.map((kind) => [kind, world.list(kind, metadata.name).length] as const).filter(([, n]) => n > 0)
  if (rows.length === 0) return [{ title: 'What is in it', say: 'Nothing yet.' }]
  const pods = world.list('Pod', metadata.name)
  const ready = pods.filter(isReady).length
  return [{
    title: 'What is in it',
    ...(metadata.deletionTimestamp === undefined ? {} : { say: 'It is being deleted, and all that is in it with it.' }),
    facts: rows.map(([kind, n]) => ({ label: lookOf(kind).plural, cell: cell(n.toLocaleString('en'), kind === 'Pod' ? { note: `${ready} ready` } : {}) })),
  }]
}

export function accountParts(world: World, account: ServiceAccount): Part[] {
  const { metadata } = account
  const pods = (world.list('Pod', metadata.namespace) as readonly Pod[]).filter((pod) => (pod.spec?.serviceAccountName ?? 'default') === metadata.name).toSorted(byName)
  const pulls = account.imagePullSecrets ?? []
  return [
    {
      title: 'What it is for', say: 'Who the Pods below are, to the API server and to others that trust its tokens.',
      facts: [
        { label: 'Token', cell: cell(account.automountServiceAccountToken === false ? 'only in Pods that ask for it' : 'in each of its Pods, renewed before it ends') },
        ...pulls.map((one, i) => ({ label: i === 0 ? 'Pulls images with' : '', cell: secretCell(world, metadata.namespace, one.name ?? '') })),
      ],
    },
    pods.length === 0 ? { title: 'Pods that act as it', say: 'None.' } : {
      title: 'Pods that act as it', ...(pods.length > 24 ? { say: `24 of ${count(pods.length, 'Pod')}.` } : {}),
      table: { columns: ['Pod', 'Machine'], rows: pods.slice(0, 24).map((pod): Cell[] => [linked(inNamespace('Pod', metadata.namespace, pod.metadata.name), { mark: isReady(pod) ? 'ready' : 'waiting' }), pod.spec?.nodeName ? linked({ kind: 'Node', name: pod.spec.nodeName }) : cell('none yet')]) },
    },
  ]
}

function secretCell(world: World, namespace: string | undefined, name: string): Cell {
  const ref = inNamespace('Secret', namespace, name)
  return world.get(ref) ? linked(ref) : cell(name, { note: 'is not there', mark: 'degraded' })
}
