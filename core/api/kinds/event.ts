/**
 * Event, in both its groups over one storage. Stored as core/v1; events.k8s.io/v1 is another face with other field names.
 * Upstream: pkg/apis/core/validation/events.go, pkg/apis/events/v1/conversion.go.
 */
import { age } from '../age.ts'
import { type FieldError, invalid, required } from '../field-error.ts'
import { type AnyObject, type Column, defineKind } from '../kind.ts'
import { dns1123Subdomain, labelKey } from '../names.ts'
import type { Event } from '../types/core.ts'
import type { Event as NewEvent } from '../types/events.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const hourSeconds = 3600
const limits = { short: 128, note: 1024 }

const firstSeen = ({ firstTimestamp, eventTime }: Event, now: number) => age(firstTimestamp ?? eventTime, now)
const lastSeen = (event: Event, now: number) => (event.series ? age(event.series.lastObservedTime, now) : event.lastTimestamp ? age(event.lastTimestamp, now) : firstSeen(event, now))

const columns: readonly Column<Event>[] = [
  { name: 'Last Seen', type: 'string', cell: lastSeen },
  { name: 'Type', type: 'string', cell: ({ type }) => type ?? '' },
  { name: 'Reason', type: 'string', cell: ({ reason }) => reason ?? '' },
  { name: 'Object', type: 'string', cell: ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()) },
  { name: 'Subobject', type: 'string', priority: 1, cell: ({ involvedObject }) => involvedObject.fieldPath ?? '' },
  {
    name: 'Source',
    type: 'string',
    priority: 1,
    cell: ({ source, reportingComponent, reportingInstance }) => [source?.component || reportingComponent || '', source?.host || reportingInstance || ''].filter((part) => part !== '').join(', '),
  },
  { name: 'Message', type: 'string', cell: ({ message }) => (message ?? '').trim() },
  { name: 'First Seen', type: 'string', priority: 1, cell: firstSeen },
  { name: 'Count', type: 'string', priority: 1, cell: ({ series, count }) => (series ? (series.count ?? 0) : count || 1) },
  { name: 'Name', type: 'string', format: 'name', priority: 1, cell: ({ metadata }) => metadata.name },
]

const selectableFields: Readonly<Record<string, (event: Event) => string>> = {
  'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
  'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
  'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
  'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
  'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
  'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
  'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
  reason: ({ reason }) => reason ?? '',
  reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
  source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
  type: ({ type }) => type ?? '',
}

/** The other group's field labels for the same values. */
const renamed = (label: string) => (label.startsWith('involvedObject.') ? `regarding.${label.slice('involvedObject.'.length)}` : label === 'reportingComponent' ? 'reportingController' : label)

export const event = defineKind<Event>({
  kind: 'Event',
  group: '',
  version: 'v1',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.Event',
  tracksGeneration: false,
  createOnUpdate: true,
  outsideGarbageCollection: true,
  ttlSeconds: hourSeconds,
  subresources: {},
  alsoServedAs: [
    {
      group: 'events.k8s.io',
      version: 'v1',
      schema: 'io.k8s.api.events.v1.Event',
      toWire,
      fromWire,
      columns,
      selectableFields: Object.fromEntries(Object.entries(selectableFields).map(([label, value]) => [renamed(label), value])),
    },
  ],
  validate: validateEvent,
  columns,
  selectableFields,
  refs: ({ metadata, involvedObject }) => [
    ...ownerRefs(metadata),
    ...(involvedObject.kind && involvedObject.name
      ? [
          {
            how: 'about',
            optional: true,
            to: {
              kind: involvedObject.kind,
              ...(involvedObject.namespace ? { namespace: involvedObject.namespace } : {}),
              name: involvedObject.name,
              ...(involvedObject.uid ? { uid: involvedObject.uid } : {}),
            },
          } as const,
        ]
      : []),
  ],
})

function validateEvent(object: Event): FieldError[] {
  const errors: FieldError[] = []
  const { namespace = '' } = object.metadata
  const about = object.involvedObject.namespace ?? ''
  const foreign = () => errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'))
  if (!object.eventTime) {
    if (about === '' ? namespace !== '' && namespace !== 'default' : namespace !== about) foreign()
  } else {
    if (about === '' && namespace !== 'default' && namespace !== 'kube-system') foreign()
    const reporter = object.reportingComponent ?? ''
    if (reporter === '') errors.push(required('reportingComponent'))
    for (const sentence of labelKey(reporter)) errors.push(invalid('reportingComponent', reporter, sentence))
    for (const field of ['reportingInstance', 'action', 'reason'] as const) {
      const value = object[field] ?? ''
      if (value === '') errors.push(required(field))
      if (value.length > limits.short) errors.push(invalid(field, '', `can have at most ${limits.short} characters`))
    }
    if ((object.message ?? '').length > limits.note) errors.push(invalid('message', '', `can have at most ${limits.note} characters`))
  }
  for (const sentence of dns1123Subdomain(namespace)) errors.push(invalid('namespace', namespace, sentence))
  return errors
}

const pairs = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
] as const

function toWire(stored: Event): NewEvent {
  return { ...swap(stored, pairs.map(([core, other]) => [core, other])), apiVersion: 'events.k8s.io/v1' } as NewEvent
}

function fromWire(wire: AnyObject): Event {
  const stored = { ...swap(wire, pairs.map(([core, other]) => [other, core])), apiVersion: 'v1' } as Event
  stored.involvedObject ??= {}
  return stored
}

function swap(object: object, names: readonly (readonly [string, string])[]): Record<string, unknown> {
  const to = new Map(names)
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [to.get(key) ?? key, value]))
}
