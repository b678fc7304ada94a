/** What is wrong with the form, said next to the field: what, and the closest right value. Pure. */
import { cpuTyped, memoryTyped } from '../../words/amounts.ts'
import { imageParts } from '../../words/image.ts'
import { nameFromImage, type DeployForm } from './form.ts'
import type { FieldName } from './manifest.ts'

export interface Finding { severity: 'error' | 'warning'; message: string }
/** Keyed by field, or field and row: `ports.1`, `env.3`. */
export type Findings = Record<string, Finding>

export interface Surroundings {
  /** Names of Deployments and Services in the form's namespace. */
  taken: ReadonlySet<string>
  /** Node ports in use → by which Service. */
  nodePorts: ReadonlyMap<number, string>
  namespaces: ReadonlySet<string>
}

const error = (message: string): Finding => ({ severity: 'error', message })
const warning = (message: string): Finding => ({ severity: 'warning', message })
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

function checkName(name: string, taken: ReadonlySet<string>): Finding | undefined {
  if (name === '') return error('Give the app a name, for instance “web”.')
  if (name.length > 63) return error(`${name.length} characters; the most is 63.`)
  if (!dnsLabel.test(name)) {
    const closest = nameFromImage(name.replace(/\s+/g, '-'))
    return error(`Lower-case letters, digits and “-” only, starting with a letter.${closest !== '' ? ` Closest: ${closest}.` : ''}`)
  }
  if (/^[0-9]/.test(name)) return error(`A Service name starts with a letter. Closest: app-${name}.`)
  if (taken.has(name)) return error(`${name} is taken in this namespace. Free: ${freeName(name, taken)}.`)
  return undefined
}

export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let n = 2; ; n++) if (!taken.has(`${name}-${n}`)) return `${name}-${n}`
}

function checkImage(image: string): Finding | undefined {
  if (image.trim() === '') return error('Name an image, for instance nginx:1.27.')
  if (image !== image.trim() || /\s/.test(image)) return error(`An image has no spaces. Closest: ${image.replace(/\s+/g, '')}.`)
  const parts = imageParts(image)
  if (!parts) return error(/[A-Z]/.test(image.split(':')[0]!) ? `Image names are lower case. Closest: ${image.toLowerCase()}.` : 'This is not an image reference: name, then “:” and a tag.')
  if (parts.tag === 'latest' && parts.digest === '') return warning('Without a tag it is “latest”: what runs may change with every pull.')
  return undefined
}

const portNumber = (text: string): number | undefined => (/^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined)

export function check(form: DeployForm, around: Surroundings): Findings {
  const findings: Findings = {}
  const put = (key: FieldName | `${FieldName}.${number}` | 'namespace', finding: Finding | undefined) => { if (finding) findings[key] = finding }
  put('image', checkImage(form.image))
  put('name', checkName(form.name, around.taken))
  if (!around.namespaces.has(form.namespace)) put('namespace', error(`There is no namespace ${form.namespace}.`))
  if (!Number.isInteger(form.replicas) || form.replicas < 0) put('replicas', error('A whole number, 0 or more.'))
  else if (form.replicas === 0) put('replicas', warning('Nothing runs until you scale it up.'))
  const seen = new Set<number>()
  for (const row of form.ports) {
    const port = portNumber(row.port)
    if (port === undefined) put(`ports.${row.id}`, error(row.port.trim() === '' ? 'Type a port, or take the line away.' : 'A port is a number from 1 to 65535.'))
    else if (seen.has(port)) put(`ports.${row.id}`, error(`Port ${port} is there twice.`))
    else seen.add(port)
    if (form.reach !== 'machine' || row.nodePort.trim() === '') continue
    const node = portNumber(row.nodePort)
    if (node === undefined || node < 30000 || node > 32767) put(`ports.${row.id}`, error('A machine port lies between 30000 and 32767; leave it empty for the next free one.'))
    else if (around.nodePorts.has(node)) put(`ports.${row.id}`, error(`Machine port ${node} belongs to ${around.nodePorts.get(node)}.`))
  }
  if (form.ports.length === 0 && form.reach !== 'forward') put('reach', warning('Without a port no Service is made.'))
  const names = new Set<string>()
  for (const row of form.env) {
    if (row.name.trim() === '') { if (row.value !== '') put(`env.${row.id}`, error('A value without a name.')); continue }
    if (!/^[ -<>-~]+$/.test(row.name)) put(`env.${row.id}`, error('A name holds no “=”.'))
    else if (row.secret && !/^[-._a-zA-Z0-9]+$/.test(row.name)) put(`env.${row.id}`, error('Names kept in a Secret are letters, digits, “-”, “_” and “.”.'))
    else if (names.has(row.name)) put(`env.${row.id}`, error(`${row.name} is there twice; the last one wins.`))
    names.add(row.name)
  }
  const paths = new Set<string>()
  for (const row of form.files) {
    if (!row.path.startsWith('/') || row.path.endsWith('/')) put(`files.${row.id}`, error('The full path of the file, for instance /etc/app/config.yml.'))
    else if (row.path.includes(':')) put(`files.${row.id}`, error('A path holds no “:”.'))
    else if (paths.has(row.path)) put(`files.${row.id}`, error('This path is there twice.'))
    paths.add(row.path)
  }
  if (form.memory.trim() !== '' && memoryTyped(form.memory) === undefined) put('memory', error('A number and a unit, for instance 128 MiB.'))
  else if (/^\d+$/.test(form.memory.trim())) put('memory', warning(`That is ${form.memory.trim()} bytes. Perhaps ${form.memory.trim()} MiB?`))
  if (form.cpu.trim() !== '' && cpuTyped(form.cpu) === undefined) put('cpu', error('A number of CPUs, for instance 0.25.'))
  if (form.health.on) {
    const port = form.health.port.trim() === '' ? form.ports[0]?.port : form.health.port
    if (port === undefined || portNumber(port) === undefined) put('health', error('Say which port is asked.'))
    else if (form.health.how === 'http' && !form.health.path.startsWith('/')) put('health', error(`A path starts with “/”. Closest: /${form.health.path}.`))
  }
  return findings
}

export const firstError = (findings: Findings): string | undefined => Object.values(findings).find((f) => f.severity === 'error')?.message
