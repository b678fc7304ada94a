/**
 * One pass over a Deployment while it is being planned: what is there, the sizes and notes that are to change, and the
 * status in the making. Local to the pass; the plan made from it is plain data.
 */
import { withCondition, withoutCondition } from '../../api/conditions.ts'
import { refOf } from '../../api/meta.ts'
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types/apps.ts'
import { timestamp } from '../../api/meta.ts'
import type { Reason, Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Annotations } from './annotations.ts'
import { countIn, desiredAnnotation, maxAnnotation, sizeAnnotations } from './annotations.ts'
import { replicasOf } from './numbers.ts'
import { sameTemplate } from './template.ts'

interface Edit {
  readonly rs: ReplicaSet
  replicas?: number
  minReadySeconds?: number
  annotations: Record<string, string>
  because: Reason
}

const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1)

export class Rollout {
  readonly d: Deployment
  readonly snapshot: Snapshot
  readonly now: number
  /** Every ReplicaSet of the Deployment, oldest first. */
  readonly all: readonly ReplicaSet[]
  /** The one whose template is the Deployment's. */
  readonly current: ReplicaSet | undefined
  /** The others, oldest first. */
  readonly old: readonly ReplicaSet[]

  status: DeploymentStatus
  /** deployment.kubernetes.io/revision as it is to be; absent: as it is. */
  revision: bigint | undefined
  /** The number under which the current ReplicaSet was known before, where this pass goes back to it. */
  revived: bigint | undefined
  /** The ReplicaSet that this pass creates. */
  created: { name: string; replicas: number } | undefined
  readonly #edits = new Map<string, Edit>()
  readonly #first: Step[] = []

  constructor(d: Deployment, sets: readonly ReplicaSet[], snapshot: Snapshot, now: number) {
    this.d = d
    this.snapshot = snapshot
    this.now = now
    this.all = [...sets].sort(byAge)
    this.current = this.all.find((rs) => sameTemplate(rs.spec.template, d.spec.template))
    this.old = this.all.filter((rs) => rs !== this.current)
    this.status = d.status ?? {}
  }

  /** Size as this pass leaves it. */
  sizeOf(rs: ReplicaSet): number {
    return this.#edits.get(rs.metadata.uid)?.replicas ?? replicasOf(rs)
  }

  total(sets: readonly ReplicaSet[]): number {
    return sets.reduce((total, rs) => total + this.sizeOf(rs), 0)
  }

  active(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
    return sets.filter((rs) => replicasOf(rs) > 0)
  }

  /** True where the size changes. With `notes`, the size annotations are brought up to date even where it does not. */
  resize(rs: ReplicaSet, replicas: number, because: Reason, notes = false): boolean {
    const before = this.sizeOf(rs)
    const changes = before !== replicas
    const wanted = sizeAnnotations(this.d)
    const stale = String(countIn(rs, desiredAnnotation)) !== wanted[desiredAnnotation] || String(countIn(rs, maxAnnotation)) !== wanted[maxAnnotation]
    if (!changes && !(notes && stale)) return false
    const edit = this.#edit(rs, because)
    Object.assign(edit.annotations, wanted)
    if (!changes) return false
    edit.replicas = replicas
    const from = replicasOf(rs)
    edit.because = {
      ...because,
      code: 'ScalingReplicaSet',
      event: { type: 'Normal', message: `Scaled ${from < replicas ? 'up' : 'down'} replica set ${rs.metadata.name} from ${from} to ${replicas}` },
    }
    return true
  }

  annotate(rs: ReplicaSet, annotations: Annotations, minReadySeconds: number | undefined, because: Reason): void {
    const edit = this.#edit(rs, because)
    Object.assign(edit.annotations, annotations)
    if (minReadySeconds !== undefined) edit.minReadySeconds = minReadySeconds
  }

  /** Steps that come before all edits. */
  do(...steps: readonly Step[]): void {
    this.#first.push(...steps)
  }

  steps(): Step[] {
    const edits = [...this.#edits.values()].map(
      ({ rs, replicas, minReadySeconds, annotations, because }): Step => ({
        do: 'patch',
        ref: refOf(rs),
        patch: {
          metadata: { resourceVersion: rs.metadata.resourceVersion, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
          ...(replicas === undefined && minReadySeconds === undefined
            ? {}
            : { spec: { ...(replicas === undefined ? {} : { replicas }), ...(minReadySeconds === undefined ? {} : { minReadySeconds }) } }),
        },
        because,
      }),
    )
    return [...this.#first, ...edits]
  }

  condition(type: string): DeploymentCondition | undefined {
    return this.status.conditions?.find((condition) => condition.type === type)
  }

  setCondition(type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string): void {
    const at = timestamp(this.now)
    this.putCondition({ type, status, reason, message, lastUpdateTime: at, lastTransitionTime: at })
  }

  putCondition(condition: DeploymentCondition): void {
    this.status = { ...this.status, conditions: [...withCondition(this.status.conditions ?? [], condition)] }
  }

  dropCondition(type: string): void {
    const conditions = withoutCondition(this.status.conditions ?? [], type)
    if (conditions !== this.status.conditions && this.status.conditions) this.status = { ...this.status, conditions: [...conditions] }
  }

  #edit(rs: ReplicaSet, because: Reason): Edit {
    let edit = this.#edits.get(rs.metadata.uid)
    if (!edit) this.#edits.set(rs.metadata.uid, (edit = { rs, annotations: {}, because }))
    return edit
  }
}
