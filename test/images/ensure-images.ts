/**
 * The images that end-to-end tests run. Each is looked for on the engine, then in the cache (a tar from an earlier run),
 * then pulled with little patience, and else made from Debian packages: nginx:1.25 and nginx:1.26 are Debian 12's and
 * 13's nginx laid out as in the official image, with different ids; postgres:17 is Debian 13's; the client carries a shell,
 * curl and busybox.
 * Making one needs root and mmdebstrap; what could not be had is returned with the reason.
 */
import { execFile } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { engine } from './engine.ts'
import { finishPostgres, postgresInstructions } from './postgres.ts'

const run = promisify(execFile)

export const clientImage = 'orrery-test/client:1'

export interface ImagesOutcome {
  /** Image name → how it came: on the engine already, from the cache, from the registry, made here. */
  ready: Record<string, 'present' | 'cached' | 'pulled' | 'made'>
  missing: Record<string, string>
}

interface Recipe {
  name: string
  suite: string
  packages: string
  instructions: readonly string[]
  /** Never in a registry: don't ask. */
  own?: boolean
  finish?: (root: string) => Promise<void>
}

const shell = 'bash,dash,coreutils,sed,grep,mawk,findutils,hostname,procps,curl,libc-bin'
const nginx = (tag: string, suite: string): Recipe => ({
  name: `nginx:${tag}`,
  suite,
  packages: `nginx,${shell}`,
  instructions: ['EXPOSE 80', 'STOPSIGNAL SIGQUIT', 'CMD ["nginx", "-g", "daemon off;"]', `ENV NGINX_VERSION ${tag}`],
  finish: finishNginx,
})

const recipes: readonly Recipe[] = [
  nginx('1.25', 'bookworm'),
  nginx('1.26', 'trixie'),
  { name: clientImage, suite: 'trixie', packages: `busybox,netcat-openbsd,iproute2,bind9-dnsutils,${shell}`, instructions: ['CMD ["bash"]'], own: true },
  { name: 'postgres:17', suite: 'trixie', packages: `postgresql-17,util-linux,${shell}`, instructions: postgresInstructions, finish: finishPostgres },
]

export async function ensureImages(dockerHost = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock', say: (line: string) => void = () => {}): Promise<ImagesOutcome> {
  const docker = engine(dockerHost)
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'orrery-test-images')
  await mkdir(cache, { recursive: true })
  const outcome: ImagesOutcome = { ready: {}, missing: {} }
  for (const recipe of recipes) {
    const { name } = recipe
    const file = join(cache, `${name.replaceAll(/[/:]/g, '-')}.tar`)
    if (await docker.imageId(name)) {
      outcome.ready[name] = 'present'
      continue
    }
    const cached = existsSync(file)
    if (!cached && !recipe.own && (await docker.pull(name, 60_000))) {
      outcome.ready[name] = 'pulled'
      say(`${name}: pulled`)
      continue
    }
    try {
      if (!cached) {
        say(`${name}: making it from Debian packages (${recipe.suite})`)
        await make(recipe, file)
      }
      await docker.import(name, createReadStream(file), recipe.instructions)
      outcome.ready[name] = cached ? 'cached' : 'made'
    } catch (error) {
      outcome.missing[name] = error instanceof Error ? error.message : String(error)
    }
  }
  return outcome
}

/** A root file system of unpacked packages as one tar. No package script runs, so what those would set up is set up here. */
async function make(recipe: Recipe, file: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('making it needs root and mmdebstrap, and no registry could be reached')
  const work = await mkdtemp(join(tmpdir(), 'orrery-image-'))
  await chmod(work, 0o755)
  const root = join(work, 'root')
  try {
    const mirror = (await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages', 'Codename: bookworm'])).stdout.split('\n')[0]
    const merged = 'for d in bin sbin lib lib64; do mkdir -p "$1/usr/$d"; ln -s usr/$d "$1/$d"; done'
    const options = ['--quiet', '--mode=root', '--variant=extract', '--format=directory', `--include=${recipe.packages}`, `--setup-hook=${merged}`]
    await run('mmdebstrap', [...options, recipe.suite, root, mirror || 'http://deb.debian.org/debian'], { maxBuffer: 64 << 20 })
    for (const dir of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian', 'var/lib/dpkg', 'var/lib/apt', 'var/cache'])
      await rm(join(root, dir), { recursive: true, force: true })
    for (const dir of ['dev', 'etc', 'home', 'proc', 'root', 'run', 'sys', 'tmp', 'usr/local/bin', 'var/log', 'var/tmp', 'var/cache']) await mkdir(join(root, dir), { recursive: true })
    await chmod(join(root, 'tmp'), 0o1777)
    await chmod(join(root, 'var/tmp'), 0o1777)
    await link('dash', join(root, 'usr/bin/sh'))
    if (existsSync(join(root, 'usr/bin/nc.openbsd'))) await link('nc.openbsd', join(root, 'usr/bin/nc'))
    if (existsSync(join(root, 'usr/bin/mawk'))) await link('mawk', join(root, 'usr/bin/awk'))
    if (existsSync(join(root, 'usr/bin/busybox'))) await linkApplets(root)
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/bin/false\nnobody:x:65534:65534::/:/bin/false\n')
    await writeFile(join(root, 'etc/group'), 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n')
    await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
    await recipe.finish?.(root)
    await run('tar', ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-cf', `${file}.part`, '.'], { maxBuffer: 64 << 20 })
    await rename(`${file}.part`, file)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function link(to: string, path: string): Promise<void> {
  await rm(path, { force: true })
  await symlink(to, path)
}

async function linkApplets(root: string): Promise<void> {
  const { stdout } = await run('chroot', [root, '/bin/busybox', '--list'])
  for (const applet of stdout.split('\n').filter(Boolean)) {
    const path = join(root, 'usr/bin', applet)
    if (!existsSync(path) && !existsSync(join(root, 'usr/sbin', applet))) await symlink('busybox', path).catch(() => {})
  }
}

async function finishNginx(root: string): Promise<void> {
  for (const dir of ['etc/nginx/conf.d', 'var/cache/nginx', 'var/lib/nginx', 'var/log/nginx']) await mkdir(join(root, dir), { recursive: true })
  await link('/dev/stdout', join(root, 'var/log/nginx/access.log'))
  await link('/dev/stderr', join(root, 'var/log/nginx/error.log'))
  await writeFile(join(root, 'etc/nginx/nginx.conf'), nginxConf)
  await writeFile(join(root, 'etc/nginx/conf.d/default.conf'), siteConf)
}

const nginxConf = `user www-data;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
  access_log /var/log/nginx/access.log main;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`

const siteConf = `server {
  listen 80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
  error_page 500 502 503 504 /50x.html;
  location = /50x.html {
    root /usr/share/nginx/html;
  }
}
`
