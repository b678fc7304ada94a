/**
 * From the deploy form to the objects it makes, in the order they are written (what is needed first), and which YAML
 * paths of which object each field fills. Pure; unit-tested against the shapes kubectl would make.
 */
import type { NewObject } from '../../../core/api/meta.ts'
import { cpuTyped, memoryTyped } from '../../words/amounts.ts'
import type { DeployForm } from './form.ts'

export type FieldName = 'image' | 'name' | 'replicas' | 'ports' | 'reach' | 'env' | 'files' | 'memory' | 'cpu' | 'health'

export interface PlannedObject {
  object: NewObject
  /** Field → paths it fills here, e.g. `spec.template.spec.containers.0.image`. */
  fills: Partial<Record<FieldName, string[]>>
}

const container = 'spec.template.spec.containers.0'
const template = 'spec.template.spec'

export const validPorts = (form: DeployForm): { id: number; port: number; nodePort?: number }[] =>
  form.ports.flatMap((row) => {
    const port = Number(row.port)
    if (!Number.isInteger(port) || port < 1 || port > 65535) return []
    const nodePort = Number(row.nodePort)
    return [{ id: row.id, port, ...(row.nodePort.trim() !== '' && Number.isInteger(nodePort) ? { nodePort } : {}) }]
  })

/** Keys of ConfigMap and Secret files: the file's name, made unique where two folders hold the same one. */
export function fileKeys(form: DeployForm): Map<number, string> {
  const taken = new Set<string>()
  const keys = new Map<number, string>()
  for (const row of form.files) {
    const base = (row.path.split('/').at(-1) ?? '').replace(/[^-._a-zA-Z0-9]/g, '-') || 'file'
    let key = base
    for (let n = 2; taken.has(key); n++) key = `${base}-${n}`
    taken.add(key)
    keys.set(row.id, key)
  }
  return keys
}

const labelsOf = (form: DeployForm) => ({ app: form.name })
const meta = (form: DeployForm, name: string) => ({ name, namespace: form.namespace, labels: labelsOf(form) })

function envOf(form: DeployForm): { plain: DeployForm['env']; secret: DeployForm['env']; list: Record<string, unknown>[] } {
  const rows = form.env.filter((row) => row.name.trim() !== '')
  return {
    plain: rows.filter((row) => !row.secret),
    secret: rows.filter((row) => row.secret),
    list: rows.map((row) => row.secret
      ? { name: row.name, valueFrom: { secretKeyRef: { name: `${form.name}-env`, key: row.name } } }
      : { name: row.name, value: row.value }),
  }
}

function probeOf(form: DeployForm): Record<string, unknown> | undefined {
  if (!form.health.on) return undefined
  const port = Number(form.health.port || form.ports[0]?.port)
  if (!Number.isInteger(port) || port < 1) return undefined
  const how = form.health.how === 'http' ? { httpGet: { path: form.health.path || '/', port } } : { tcpSocket: { port } }
  return { ...how, periodSeconds: 10 }
}

function deployment(form: DeployForm): PlannedObject {
  const ports = validPorts(form)
  const env = envOf(form)
  const keys = fileKeys(form)
  const files = form.files.filter((row) => row.path.startsWith('/'))
  const memory = memoryTyped(form.memory)
  const cpu = cpuTyped(form.cpu)
  const limits = { ...(memory === undefined ? {} : { memory }), ...(cpu === undefined ? {} : { cpu }) }
  const probe = probeOf(form)
  const volumes = [
    ...(files.some((row) => !row.secret) ? [{ name: 'config', configMap: { name: `${form.name}-config` } }] : []),
    ...(files.some((row) => row.secret) ? [{ name: 'secret-files', secret: { secretName: `${form.name}-files` } }] : []),
  ]
  const mounts = files.map((row) => ({ name: row.secret ? 'secret-files' : 'config', mountPath: row.path, subPath: keys.get(row.id)!, readOnly: true }))
  const spec = {
    replicas: form.replicas,
    selector: { matchLabels: labelsOf(form) },
    template: {
      metadata: { labels: labelsOf(form) },
      spec: {
        containers: [{
          name: form.name,
          image: form.image,
          ...(ports.length === 0 ? {} : { ports: ports.map((p) => ({ containerPort: p.port })) }),
          ...(env.list.length === 0 ? {} : { env: env.list }),
          ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
          ...(Object.keys(limits).length === 0 ? {} : { resources: { limits } }),
          ...(probe === undefined ? {} : { readinessProbe: probe }),
        }],
        ...(volumes.length === 0 ? {} : { volumes }),
      },
    },
  }
  return {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta(form, form.name), spec },
    fills: {
      image: [`${container}.image`],
      name: ['metadata.name', 'metadata.labels', 'spec.selector', 'spec.template.metadata.labels', `${container}.name`],
      replicas: ['spec.replicas'],
      ports: [`${container}.ports`],
      env: [`${container}.env`],
      files: [`${container}.volumeMounts`, `${template}.volumes`],
      memory: [`${container}.resources.limits.memory`],
      cpu: [`${container}.resources.limits.cpu`],
      health: [`${container}.readinessProbe`],
    },
  }
}

function service(form: DeployForm): PlannedObject | undefined {
  const ports = validPorts(form)
  if (form.reach === 'forward' || ports.length === 0) return undefined
  return {
    object: {
      apiVersion: 'v1', kind: 'Service', metadata: meta(form, form.name),
      spec: {
        ...(form.reach === 'machine' ? { type: 'NodePort' } : {}),
        selector: labelsOf(form),
        ports: ports.map((p) => ({
          ...(ports.length > 1 ? { name: `port-${p.port}` } : {}),
          port: p.port,
          targetPort: p.port,
          ...(form.reach === 'machine' && p.nodePort !== undefined ? { nodePort: p.nodePort } : {}),
        })),
      },
    },
    fills: { name: ['metadata.name', 'metadata.labels', 'spec.selector'], ports: ['spec.ports'], reach: form.reach === 'machine' ? ['spec.type', 'spec.ports'] : ['spec.ports'] },
  }
}

/** Everything the form makes, in the order it is written. */
export function plannedObjects(form: DeployForm): PlannedObject[] {
  const env = envOf(form)
  const keys = fileKeys(form)
  const files = form.files.filter((row) => row.path.startsWith('/'))
  const data = (secret: boolean) => Object.fromEntries(files.filter((row) => row.secret === secret).map((row) => [keys.get(row.id)!, row.text]))
  const planned: PlannedObject[] = []
  if (env.secret.length > 0) {
    planned.push({
      object: { apiVersion: 'v1', kind: 'Secret', metadata: meta(form, `${form.name}-env`), type: 'Opaque', stringData: Object.fromEntries(env.secret.map((row) => [row.name, row.value])) },
      fills: { env: ['stringData'], name: ['metadata.name', 'metadata.labels'] },
    })
  }
  if (files.some((row) => !row.secret)) {
    planned.push({
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(form, `${form.name}-config`), data: data(false) },
      fills: { files: ['data'], name: ['metadata.name', 'metadata.labels'] },
    })
  }
  if (files.some((row) => row.secret)) {
    planned.push({
      object: { apiVersion: 'v1', kind: 'Secret', metadata: meta(form, `${form.name}-files`), type: 'Opaque', stringData: data(true) },
      fills: { files: ['stringData'], name: ['metadata.name', 'metadata.labels'] },
    })
  }
  const reachable = service(form)
  if (reachable) planned.push(reachable)
  planned.push(deployment(form))
  return planned
}

/** Secrets shown in a preview keep their values to themselves. */
export function hiddenSecrets(object: NewObject): NewObject {
  if (object.kind !== 'Secret') return object
  const hide = (values: unknown) => Object.fromEntries(Object.keys((values ?? {}) as Record<string, string>).map((key) => [key, '••••••••']))
  return { ...object, ...(object['stringData'] === undefined ? {} : { stringData: hide(object['stringData']) }), ...(object['data'] === undefined ? {} : { data: hide(object['data']) }) }
}
