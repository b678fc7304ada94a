/** PodTemplate: a template kept for whoever makes Pods from it. Upstream: pkg/registry/core/podtemplate. */
import type { FieldError } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { selectorText } from '../label-selector.ts'
import type { PodTemplate } from '../types/core.ts'
import { nameColumn, noneIfEmpty } from './parts/columns.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { validatePodTemplate } from './pod-spec/validate-spec.ts'
import { templateWarnings } from './pod-spec/warnings.ts'

export const podTemplate = defineKind<PodTemplate>({
  kind: 'PodTemplate',
  group: '',
  version: 'v1',
  plural: 'podtemplates',
  singular: 'podtemplate',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.PodTemplate',
  tracksGeneration: true,
  generationOf: ({ template }) => template,
  subresources: {},

  default(draft) {
    const template = (draft.template ??= { metadata: {}, spec: { containers: [] } })
    template.metadata ??= {}
    template.spec ??= { containers: [] }
    defaultPodSpec(template.spec)
  },
  validate({ template }) {
    const errors: FieldError[] = []
    if (template) validatePodTemplate(template, 'template', errors)
    return errors
  },
  warnings: ({ template }) => templateWarnings(template, 'template'),

  columns: [
    nameColumn,
    { name: 'Containers', type: 'string', cell: ({ template }) => (template?.spec.containers ?? []).map(({ name }) => name).join(',') },
    { name: 'Images', type: 'string', cell: ({ template }) => (template?.spec.containers ?? []).map(({ image }) => image ?? '').join(',') },
    { name: 'Pod Labels', type: 'string', cell: ({ template }) => noneIfEmpty(selectorText({ matchLabels: template?.metadata.labels ?? {} })) },
  ],
  selectableFields: {},
  refs: ({ metadata, template }) => podRefs(metadata, template?.spec),
})
