/** What makes unpacked PostgreSQL packages an image that starts as the official one: its first start makes the database. */
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const postgresInstructions = [
  'ENV PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
  'EXPOSE 5432',
  'STOPSIGNAL SIGINT',
  'ENTRYPOINT ["docker-entrypoint.sh"]',
  'CMD ["postgres"]',
]

export async function finishPostgres(root: string): Promise<void> {
  // Only compiles queries at run time, and is two thirds of it all.
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  for (const name of await readdir(libraries).catch(() => [])) if (/^lib(LLVM|z3|perl)/.test(name)) await rm(join(libraries, name))
  for (const path of ['usr/lib/postgresql/17/lib/bitcode', 'usr/lib/postgresql/17/lib/llvmjit.so', 'usr/share/perl', 'usr/share/i18n']) await rm(join(root, path), { recursive: true, force: true })
  await rm(join(root, 'usr/bin/psql'), { force: true })
  await symlink('../lib/postgresql/17/bin/psql', join(root, 'usr/bin/psql'))
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\npostgres:x:999:999::/var/lib/postgresql:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\npostgres:x:999:\nnogroup:x:65534:\n')
  await mkdir(join(root, 'run/postgresql'), { recursive: true })
  await chmod(join(root, 'run/postgresql'), 0o1777)
  await rm(join(root, 'var/run'), { recursive: true, force: true })
  await symlink('/run', join(root, 'var/run'))
  const entry = join(root, 'usr/local/bin/docker-entrypoint.sh')
  await writeFile(entry, entrypoint)
  await chmod(entry, 0o755)
}

const entrypoint = `#!/bin/bash
set -e
as_postgres="setpriv --reuid=999 --regid=999 --clear-groups"
mkdir -p "$PGDATA"
chown 999:999 "$PGDATA"
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "\${POSTGRES_PASSWORD:?must be set}" > /run/postgresql/password
  chown 999:999 /run/postgresql/password
  $as_postgres initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile=/run/postgresql/password --locale=C --encoding=UTF8 $POSTGRES_INITDB_ARGS
  rm /run/postgresql/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
exec $as_postgres "$@" -c listen_addresses='*'
`
