/** The few objects that containers are tried on: a Deployment of nginx, and Pods that run a shell script. */
export const runClient = ['--image=orrery-test/client:1', '--image-pull-policy=IfNotPresent']

export interface WebOptions {
  image?: string
  graceSeconds?: number
  /** Of its port. */
  portName?: string
}

export const web = (replicas: number, { image = 'nginx:1.25', graceSeconds = 1, portName }: WebOptions = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: ${graceSeconds}
      containers:
      - {name: nginx, image: '${image}', ports: [{containerPort: 80${portName === undefined ? '' : `, name: ${portName}`}}]}
`
export const pod = (name: string, containers: string) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
${containers}
`
export const container = (name: string, script: string) => `  - {name: ${name}, image: 'orrery-test/client:1', imagePullPolicy: IfNotPresent, command: [sh, -c, '${script}']}`

/** A Pod to ask from, by exec. */
export const client = pod('client', container('client', 'exec sleep infinity'))
