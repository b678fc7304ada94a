/**
 * The selector and labels that tie Pods to their Job, made from its name and uid unless it brings a selector of its own.
 * Upstream: pkg/registry/batch/job/strategy.go (generateSelector), pkg/apis/batch/validation (validateGeneratedSelector).
 */
import { type FieldError, invalid, required } from '../../field-error.ts'
import { labelSelector } from '../../label-selector.ts'
import type { Job } from '../../types/batch.ts'
import { controllerUidLabel, jobNameLabel, legacyControllerUidLabel, legacyJobNameLabel } from './labels.ts'

const generated = ({ metadata }: Job): Record<string, string> => ({
  [legacyControllerUidLabel]: metadata.uid,
  [legacyJobNameLabel]: metadata.name,
  [controllerUidLabel]: metadata.uid,
  [jobNameLabel]: metadata.name,
})

/**
 * Labels that the user chose stay: validation refuses what conflicts. A Job without labels of its own has those of its
 * template, and shares them with it (`default` says so by sharing the record), so that it gets the generated ones too.
 */
export function generateSelector(draft: Job): void {
  const { metadata } = draft
  const { template, manualSelector } = draft.spec
  const shares = metadata.labels === undefined || metadata.labels === template.metadata?.labels
  if (manualSelector !== true) {
    template.metadata ??= {}
    template.metadata.labels = { ...generated(draft), ...template.metadata.labels }
    const selector = (draft.spec.selector ??= {})
    selector.matchLabels = { [controllerUidLabel]: metadata.uid, ...selector.matchLabels }
  }
  if (shares && template.metadata?.labels) metadata.labels = { ...template.metadata.labels }
}

export function validateGenerated(job: Job, errors: FieldError[]): void {
  const { selector, template, manualSelector } = job.spec
  if (manualSelector === true || selector === undefined) return
  const labels = template.metadata?.labels
  const wanted = generated(job)
  for (const [key, value] of Object.entries(wanted)) {
    const path = `spec.template.metadata.labels[${key}]`
    if (labels?.[key] === undefined) errors.push(required(path, `must be '${value}'`))
    else if (labels[key] !== value) errors.push(invalid(path, labels, `must be '${value}'`))
  }
  if (!labelSelector(selector).matches(wanted)) errors.push(invalid('spec.selector', selector, '`selector` not auto-generated'))
}
