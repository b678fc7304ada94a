/** Roll back: a workload takes an older revision's template, the way `kubectl rollout undo` writes it. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'
import { replacementWords } from './restart.ts'
import { revisionOf } from '../words/world.ts'

const hashLabel = 'pod-template-hash'

interface Template { metadata?: { labels?: Record<string, string>; [field: string]: unknown }; spec?: { containers?: { image?: string }[] } }
/** Revisions are ReplicaSets of a Deployment, ControllerRevisions of the others. */
export const canRollBack = (object: KubeObject): boolean => object.kind === 'Deployment' || object.kind === 'StatefulSet' || object.kind === 'DaemonSet'

/** The revision's template without what the controller adds. */
export function templateOf(replicaSet: KubeObject): Template {
  if (replicaSet.kind === 'ControllerRevision') {
    const { $patch: _, ...kept } = (replicaSet['data'] as { spec?: { template?: Template & { $patch?: string } } } | undefined)?.spec?.template ?? {}
    return kept
  }
  const template = (replicaSet['spec'] as { template?: Template } | undefined)?.template ?? {}
  const labels = Object.fromEntries(Object.entries(template.metadata?.labels ?? {}).filter(([key]) => key !== hashLabel))
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** "1.26" where the images of a template have one tag, else the images. */
export function versionWords(template: Template): string {
  const images = (template.spec?.containers ?? []).map((c) => c.image ?? '')
  if (images.length !== 1) return images.join(', ')
  return images[0]!.split('/').at(-1)!.split('@')[0]!.split(':')[1] ?? images[0]!
}

const numberOf = (revision: KubeObject): number => (revision.kind === 'ControllerRevision' ? Number(revision['revision'] ?? 0) : revisionOf(revision))

export function rollBackPlan(deployment: KubeObject, replicaSet: KubeObject): ActionPlan {
  const ref = refOf(deployment)
  const name = deployment.metadata.name
  const revision = numberOf(replicaSet)
  const template = templateOf(replicaSet)
  const version = versionWords(template)
  return {
    calls: [{
      call: 'patch',
      arg: { ref, patch: { type: 'json', body: [{ op: 'replace', path: '/spec/template', value: template }] }, say: `rolled ${name} back to revision ${revision}${version === '' ? '' : `, ${version}`}` },
    }],
    done: `${name} rolls back to revision ${revision}`,
    kubectl: `kubectl rollout undo ${kubectlName(ref)} --to-revision=${revision}${nsFlag(ref)}`,
    confirm: {
      title: `Roll ${name} back to revision ${revision}?`,
      lines: [
        { mark: 'moving', text: replacementWords(deployment) },
        { mark: 'finished', text: `Replicas and everything outside the Pod template stay. ${replicaSet.kind === 'ControllerRevision' ? 'Volume claims and their data stay too.' : `It becomes revision ${Math.max(revision, revisionOf(deployment)) + 1}.`}` },
        { mark: 'returns', text: 'Undo, or roll back again.' },
      ],
      verb: version === '' ? `Roll back to revision ${revision}` : `Roll back to ${version}`, keep: 'Keep this revision', danger: false,
    },
  }
}
