/** Sample apps: small, on one public image, each showing one thing. Some go on by themselves once they are ready. Pure. */
import type { NewObject } from '../../../core/api/meta.ts'
import type { Patch } from '../../../core/api/request.ts'

export interface Sample {
  id: string
  name: string
  title: string
  say: string
  image: string
  objects: NewObject[]
  /** Done once the Deployment is available. */
  then?: { patch: Patch; say: string }
}

const deployment = (name: string, image: string, replicas: number, more: { container?: Record<string, unknown>; pod?: Record<string, unknown> } = {}): NewObject => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name: 'web', image, ports: [{ containerPort: 80 }], readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 2 }, ...more.container }],
        ...more.pod,
      },
    },
  },
})
const service = (name: string): NewObject => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 80 }] },
})
const useImage = (image: string): Patch => ({ type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } } })

const page = `<!doctype html>
<title>A page of your own</title>
<body style="font-family: sans-serif; margin: 4em">
<h1>This page is a ConfigMap</h1>
<p>Change its text in Orrery: the file in each Pod follows within a minute.</p>
`

export const samples: readonly Sample[] = [
  { id: 'hello', name: 'hello', title: 'Hello web', say: 'Three Pods behind one Service. The smallest whole picture.', image: 'nginx:1.26', objects: [service('hello'), deployment('hello', 'nginx:1.26', 3)] },
  {
    id: 'page', name: 'page', title: 'A page of your own', say: 'A web server that reads its page from a ConfigMap you can edit.', image: 'nginx:1.26',
    objects: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'page', namespace: 'default', labels: { app: 'page' } }, data: { 'index.html': page } },
      service('page'),
      deployment('page', 'nginx:1.26', 1, {
        container: { volumeMounts: [{ name: 'page', mountPath: '/usr/share/nginx/html', readOnly: true }] },
        pod: { volumes: [{ name: 'page', configMap: { name: 'page' } }] },
      }),
    ],
  },
  {
    id: 'update', name: 'update', title: 'Watch an update', say: 'Four Pods change version, one after the other.', image: 'nginx:1.25',
    objects: [service('update'), deployment('update', 'nginx:1.25', 4)], then: { patch: useImage('nginx:1.26'), say: 'updated update to 1.26' },
  },
  {
    id: 'typo', name: 'typo', title: 'Break something', say: 'A typo on purpose. See how the cluster explains itself.', image: 'nginx:1.26',
    objects: [service('typo'), deployment('typo', 'nginx:1.26', 2)], then: { patch: useImage('nginx:1.62'), say: 'updated typo to 1.62' },
  },
]
