/** A container's last words: its termination message file, or the end of its log where it failed and asked for that. */
import { open } from 'node:fs/promises'
import type { Container } from '../../api/types/core.ts'
import type { Runtime, RuntimeContainer } from '../runtime.ts'
import type { PodFolders } from '../volumes/volumes.ts'

/** Upstream's limits (pkg/kubelet/container, kuberuntime). */
const fileLimit = 4096
const logLines = 80
const logLimit = 2048

export async function readTerminationMessage(runtime: Runtime, folders: PodFolders, container: Container, run: RuntimeContainer): Promise<string> {
  const text = !runtime.mountsFiles ? '' : await readHead(folders.termination(run.name, run.attempt))
  if (text !== '' || container.terminationMessagePolicy !== 'FallbackToLogsOnError' || run.exitCode === 0) return text
  try {
    const chunks: Uint8Array[] = []
    for await (const chunk of runtime.logs(run.id, { follow: false, timestamps: false, tailLines: logLines, signal: new AbortController().signal })) chunks.push(chunk)
    const all = Buffer.concat(chunks)
    return all.subarray(Math.max(0, all.length - logLimit)).toString('utf8')
  } catch {
    return ''
  }
}

async function readHead(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const buffer = Buffer.alloc(fileLimit)
      const { bytesRead } = await file.read(buffer, 0, fileLimit, 0)
      return buffer.subarray(0, bytesRead).toString('utf8')
    } finally {
      await file.close()
    }
  } catch {
    return ''
  }
}
