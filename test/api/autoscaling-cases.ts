/** Autoscalers, disruption budgets and resize policies that the real server was asked about; see cases.ts. */

type Json = Record<string, unknown>

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const scaler = (spec: Json, more: Json = {}): Json => ({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' }, spec: { maxReplicas: 5, scaleTargetRef: target, ...spec }, ...more })
const measuring = (...metrics: Json[]): Json => scaler({ metrics })
const cpu = (target: Json): Json => ({ type: 'Resource', resource: { name: 'cpu', target } })
const budget = (spec: Json, more: Json = {}): Json => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'x' }, spec: { selector: { matchLabels: { app: 'a' } }, ...spec }, ...more })
const pod = (container: Json, spec: Json = {}): Json => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'nginx:1.25', ...container }], ...spec } })

export const autoscalingCases: Readonly<Record<string, Json>> = {
  'hpa/plain': scaler({}),
  'hpa/status is dropped': scaler({}, { status: { desiredReplicas: 3, currentReplicas: 2 } }),
  'hpa/every metric': measuring(
    cpu({ type: 'Utilization', averageUtilization: 50 }),
    { type: 'ContainerResource', containerResource: { name: 'memory', container: 'c', target: { type: 'AverageValue', averageValue: '100Mi' } } },
    { type: 'Object', object: { describedObject: { kind: 'Service', name: 's' }, metric: { name: 'rps', selector: { matchLabels: { a: 'b' } } }, target: { type: 'Value', value: '10' } } },
    { type: 'Pods', pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '1.5' } } },
    { type: 'External', external: { metric: { name: 'ext' }, target: { type: 'AverageValue', averageValue: '3' } } },
  ),
  'hpa/behavior': scaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 5, tolerance: '0.05' } } }),
  'hpa/behavior empty': scaler({ behavior: {} }),
  'hpa/behavior bad': scaler({
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 5000, selectPolicy: 'X', tolerance: '-1', policies: [{ type: 'Q', value: 0, periodSeconds: 2000 }] },
      scaleDown: { stabilizationWindowSeconds: -1 },
    },
  }),
  'hpa/bounds bad': scaler({ minReplicas: 0, maxReplicas: 0 }),
  'hpa/bounds crossed': scaler({ minReplicas: 6 }),
  'hpa/bounds negative': scaler({ minReplicas: -2, maxReplicas: -1 }),
  'hpa/target bad': scaler({ scaleTargetRef: { kind: 'a/b', name: '', apiVersion: 'v1' } }),
  'hpa/target version bad': scaler({ scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'a/b/c' } }),
  'hpa/target of core': scaler({ scaleTargetRef: { kind: 'ReplicationController', name: 'x' } }),
  'hpa/metric amounts bad': measuring(cpu({ type: 'Foo', averageValue: '0', averageUtilization: 0 }), cpu({ type: 'Utilization' }), cpu({ type: 'Value', value: '-1', averageUtilization: 5 })),
  'hpa/metric of another source': measuring({ type: 'Pods', object: { describedObject: { kind: 'X', name: 'n' }, metric: { name: 'a/b' }, target: { type: 'Value', value: '-1' } } }),
  'hpa/metric of two sources': measuring({ ...cpu({ type: 'Utilization', averageUtilization: 50 }), pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '1' } } }),
  'hpa/external bad': measuring({ type: 'External', external: { metric: { name: '' }, target: { type: 'Value' } } }, { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '1', averageValue: '1' } } }),
  'hpa/container bad': measuring({ type: 'ContainerResource', containerResource: { name: 'foo', container: 'A', target: { type: 'Utilization' } } }, { type: 'ContainerResource', containerResource: { name: '', container: '', target: { type: 'Utilization', averageUtilization: 5 } } }),
  'hpa/metric type unknown': measuring({ type: 'Nope' }, { type: '' }),
  'pdb/plain': budget({ minAvailable: 1 }),
  'pdb/share': budget({ maxUnavailable: '25%', unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
  'pdb/no spec': { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'x' } },
  'pdb/status is dropped': budget({}, { status: { disruptionsAllowed: 3, currentHealthy: 3, desiredHealthy: 0, expectedPods: 3 } }),
  'pdb/both': budget({ minAvailable: 1, maxUnavailable: 1 }),
  'pdb/amounts bad': budget({ maxUnavailable: '150%' }),
  'pdb/amounts negative': budget({ minAvailable: -1 }),
  'pdb/amounts no share': budget({ minAvailable: 'half' }),
  'pdb/selector bad': budget({ selector: { matchLabels: { 'a b': 'c' }, matchExpressions: [{ key: 'a', operator: 'In' }] } }),
  'pdb/policy bad': budget({ unhealthyPodEvictionPolicy: 'X' }),
  'pod/resize policy': pod({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }, { resourceName: 'memory', restartPolicy: 'RestartContainer' }] }),
  'pod/resize policy bad': pod({ resizePolicy: [{ resourceName: 'disk', restartPolicy: 'Maybe' }, { resourceName: '', restartPolicy: '' }] }),
  'pod/resize policy of a Pod that never restarts': pod({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }, { restartPolicy: 'Never' }),
  'pod/resize policy of an init container': pod({}, { initContainers: [{ name: 'i', image: 'i', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }] }),
}
