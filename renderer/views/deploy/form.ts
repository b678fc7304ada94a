/** What the deploy form holds, as typed: text stays text until it is checked. Pure. */
export type Reach = 'inside' | 'machine' | 'forward'

export interface PortRow { id: number; port: string; nodePort: string }
export interface EnvRow { id: number; name: string; value: string; secret: boolean }
export interface FileRow { id: number; path: string; text: string; secret: boolean }

export interface DeployForm {
  namespace: string
  image: string
  /** Follows the image until the user types one. */
  name: string
  nameTyped: boolean
  replicas: number
  ports: PortRow[]
  reach: Reach
  env: EnvRow[]
  files: FileRow[]
  memory: string
  cpu: string
  health: { on: boolean; how: 'http' | 'tcp'; path: string; port: string }
}

export const emptyForm = (namespace: string): DeployForm => ({
  namespace,
  image: '',
  name: '',
  nameTyped: false,
  replicas: 1,
  ports: [{ id: 1, port: '80', nodePort: '' }],
  reach: 'inside',
  env: [],
  files: [],
  memory: '',
  cpu: '',
  health: { on: false, how: 'http', path: '/', port: '' },
})

/** "docker.io/library/nginx:1.25" → "nginx": what an app made of this image is called at first. */
export function nameFromImage(image: string): string {
  const last = image.split('@')[0]!.split('/').at(-1)!.split(':')[0]!
  return last.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 63)
}
