/** Cases of DaemonSets, ReplicationControllers and PodTemplates; part of cases.ts. */
type Json = Record<string, unknown>

const template = (spec: Json = {}, metadata: Json = { labels: { app: 'a' } }): Json => ({ metadata, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }], ...spec } })
const daemonSet = (spec: Json = {}, metadata: Json = {}): Json => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'x', ...metadata }, spec: { selector: { matchLabels: { app: 'a' } }, template: template(), ...spec } })
const controller = (spec: Json = {}, metadata: Json = {}): Json => ({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'x', ...metadata }, spec: { template: template(), ...spec } })
const podTemplate = (more: Json, metadata: Json = {}): Json => ({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'x', ...metadata }, ...more })
const rolling = (maxUnavailable: unknown, maxSurge: unknown): Json => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } } })

export const workloadCases: Readonly<Record<string, Json>> = {
  'daemonset/plain': daemonSet(),
  'daemonset/brings a status': { ...daemonSet(), status: { numberReady: 7, currentNumberScheduled: 1, desiredNumberScheduled: 1, numberMisscheduled: 1 } },
  'daemonset/brings a template generation': daemonSet({}, { annotations: { 'deprecated.daemonset.template.generation': '5' } }),
  'daemonset/dotted name': daemonSet({}, { name: 'a.b' }),
  'daemonset/on delete': daemonSet({ updateStrategy: { type: 'OnDelete' } }),
  'daemonset/unknown strategy': daemonSet({ updateStrategy: { type: 'Sometimes' } }),
  'daemonset/shares': daemonSet(rolling('30%', 0)),
  'daemonset/surge': daemonSet(rolling(0, '10%')),
  'daemonset/neither': daemonSet(rolling(0, 0)),
  'daemonset/both': daemonSet(rolling(1, 1)),
  'daemonset/too many': daemonSet(rolling('101%', 0)),
  'daemonset/negative': daemonSet(rolling(-1, 0)),
  'daemonset/no share': daemonSet(rolling('many', 0)),
  'daemonset/other selector': daemonSet({ selector: { matchLabels: { app: 'b' } } }),
  'daemonset/empty selector': daemonSet({ selector: {} }),
  'daemonset/no selector': daemonSet({ selector: undefined }),
  'daemonset/bad selector': daemonSet({ selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }),
  'daemonset/restarts never': daemonSet({ template: template({ restartPolicy: 'Never' }) }),
  'daemonset/has a deadline': daemonSet({ template: template({ activeDeadlineSeconds: 5 }) }),
  'daemonset/negative numbers': daemonSet({ minReadySeconds: -1, revisionHistoryLimit: -1 }),
  'rc/plain': controller(),
  'rc/none': controller({ replicas: 0 }),
  'rc/own labels and selector': controller({ replicas: 3, selector: { app: 'a' } }, { labels: { own: 'yes' } }),
  'rc/brings a status': { ...controller(), status: { replicas: 7 } },
  'rc/dotted name': controller({}, { name: 'a.b' }),
  'rc/negative': controller({ replicas: -1, minReadySeconds: -1 }),
  'rc/other selector': controller({ selector: { app: 'b' } }),
  'rc/no selector, no labels': controller({ template: template({}, {}) }),
  'rc/no template': controller({ template: undefined, selector: { app: 'a' } }),
  'rc/restarts never': controller({ template: template({ restartPolicy: 'OnFailure', activeDeadlineSeconds: 5 }) }),
  'podtemplate/plain': podTemplate({ template: template() }),
  'podtemplate/runs once': podTemplate({ template: template({ restartPolicy: 'Never' }) }),
  'podtemplate/bad labels': podTemplate({ template: template({}, { labels: { 'a b': 'c' } }) }),
  'podtemplate/no containers': podTemplate({ template: template({ containers: [] }) }),
  'podtemplate/no template': podTemplate({}),
}
