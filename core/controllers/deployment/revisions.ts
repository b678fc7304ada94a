/** The current ReplicaSet: found and brought up to date, or made (pkg/controller/deployment/sync.go, getNewReplicaSet). */
import { controllerOf, refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { ReplicaSet } from '../../api/types/apps.ts'
import { annotationsToSync, countIn, desiredAnnotation, revisionAnnotation, revisionOf } from './annotations.ts'
import { hasDeadline, maxSurge, replicasOf, sizeOfNew, sum, wantedReplicas } from './numbers.ts'
import type { Rollout } from './rollout.ts'
import { newReplicaSet, replicaSetName, sameTemplate, templateHash } from './template.ts'

const newestRevision = (sets: readonly ReplicaSet[]): bigint => sets.map(revisionOf).reduce((a, b) => (b > a ? b : a), 0n)

/** Gives the current ReplicaSet its number and the Deployment's annotations. */
export function syncRevision(rollout: Rollout): void {
  const { d, current, old } = rollout
  if (!current) return
  const revision = newestRevision(old) + 1n
  const changes = annotationsToSync(d, current, revision)
  const minReadySeconds = d.spec.minReadySeconds ?? 0
  const patience = (current.spec.minReadySeconds ?? 0) === minReadySeconds ? undefined : minReadySeconds
  const renumbered = changes[revisionAnnotation] !== undefined
  if (Object.keys(changes).length > 0 || patience !== undefined) {
    rollout.annotate(current, changes, patience, {
      code: renumbered ? 'RevisionChosen' : 'AnnotationsSynced',
      say: renumbered ? `went back to revision ${revisionOf(current)}, now revision ${revision}` : `brought revision ${revisionOf(current)} up to date`,
      why: renumbered ? 'its Pod template is the one wanted again' : 'the annotations or minReadySeconds changed',
      refs: [refOf(current)],
    })
  }
  if (renumbered && revisionOf(current) > 0n) rollout.revived = revisionOf(current)
  rollout.revision = renumbered ? revision : revisionOf(current)
  if (hasDeadline(d) && !rollout.condition('Progressing')) rollout.setCondition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${current.metadata.name}"`)
}

/**
 * Makes the ReplicaSet for the Deployment's template. Where its name is taken by another template, the collision count
 * goes up instead and the next pass tries another name.
 */
export function createCurrent(rollout: Rollout): void {
  const { d, old } = rollout
  const hash = templateHash(d.spec.template, rollout.status.collisionCount)
  const name = replicaSetName(d, hash)
  const taken = rollout.snapshot.get<ReplicaSet>('ReplicaSet', d.metadata.namespace, name)
  if (taken && !(controllerOf(taken.metadata)?.uid === d.metadata.uid && sameTemplate(taken.spec.template, d.spec.template))) {
    rollout.status = { ...rollout.status, collisionCount: (rollout.status.collisionCount ?? 0) + 1 }
    return
  }
  const revision = newestRevision(old) + 1n
  const replicas = sizeOfNew(d, sum(old, replicasOf), 0)
  const wanted = wantedReplicas(d)
  const running = sum(old, replicasOf)
  rollout.created = { name, replicas }
  rollout.revision = revision
  rollout.do({
    do: 'create',
    object: newReplicaSet(d, hash, replicas, revision),
    because: {
      code: 'ScalingReplicaSet',
      say: replicas === 0 && wanted > 0 ? `prepared revision ${revision}` : `started revision ${revision} with ${count(replicas, 'Pod')}`,
      why:
        running === 0
          ? `${wanted} wanted, none there yet`
          : replicas === 0
            ? `${running} Pods of older revisions run, no more than ${wanted + maxSurge(d)} are allowed while updating`
            : `${wanted} wanted, ${maxSurge(d)} extra allowed while updating`,
      refs: old.map(refOf),
      ...(replicas > 0 ? { event: { type: 'Normal' as const, message: `Scaled up replica set ${name} from 0 to ${replicas}` } } : {}),
    },
  })
  if (hasDeadline(d)) rollout.setCondition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`)
}

/** Somebody changed spec.replicas: the sizes noted on active ReplicaSets differ from it. */
export const isScaling = ({ d, all, active }: Rollout): boolean =>
  active(all).some((rs) => {
    const noted = countIn(rs, desiredAnnotation)
    return noted !== undefined && noted !== wantedReplicas(d)
  })
