/** What the agent says of its deeds: one sentence, and why, for people. Pure. */
import type { Pod } from '../../api/types/core.ts'
import type { Said } from '../node-context.ts'
import { latestByName, type Waiting } from './plan.ts'
import { shortName } from '../pod.ts'
import type { RuntimeContainer } from '../runtime.ts'

export const startingWords = (pod: Pod): Said => ({ code: 'Starting', say: `prepares ${shortName(pod)}`, why: pod.spec.containers.map(({ image }) => image).join(', ') })

export function finishedWords(pod: Pod, containers: readonly RuntimeContainer[]): Said {
  const bad = [...latestByName(containers).values()].find((run) => run.kind !== 'ephemeral' && (run.exitCode ?? 0) !== 0)
  if (bad) return { code: 'Failed', say: `${bad.name} ended with exit code ${bad.exitCode}`, why: `restart policy ${pod.spec.restartPolicy}: no further run` }
  return { code: 'Completed', say: `${shortName(pod)} completed`, why: 'every container ended with exit code 0' }
}

export const markedWords = (pod: Pod): Said => ({ code: 'Stopped', say: `stopped ${shortName(pod)}`, why: `the Pod was marked ${pod.status?.phase}` })

export const stoppedWords = (pod: Pod, tookMs: number, graceSeconds: number): Said => ({
  code: 'Stopped',
  say: `stopped ${shortName(pod)}`,
  why: `it was deleted; took ${(tookMs / 1000).toFixed(1)} s of ${graceSeconds} s allowed`,
})

export function exitWords(run: RuntimeContainer, message: string | undefined): Said {
  const how = run.oomKilled ? 'ran out of memory' : run.error && run.startedMs === undefined ? 'could not be started' : `ended with exit code ${run.exitCode}`
  return { code: 'Ended', say: `${run.name} ${how}`, why: run.error || message?.trim().split('\n').at(-1) || `run ${run.attempt + 1} of this container` }
}

export function crashWords(waiting: Waiting, last: RuntimeContainer | undefined, nowMs: number): Said {
  const seconds = Math.max(1, Math.round((waiting.untilMs - nowMs) / 1000))
  return { code: 'CrashLoopBackOff', say: `${waiting.name} keeps ending, next try in ${seconds} s`, why: `exit code ${last?.exitCode}, ${(last?.attempt ?? 0) + 1} runs so far` }
}

/** A change that no deed explains: readiness turned, or something was seen. */
export function changeWords(pod: Pod, wasReady: boolean, ready: boolean, checked: string | undefined): Said {
  const name = shortName(pod)
  if (ready && !wasReady) return { code: 'Ready', say: `${name} is ready`, why: checked ?? 'its containers run and no check was asked for' }
  if (!ready && wasReady) return { code: 'NotReady', say: `${name} is not ready`, why: checked ?? 'not all of its containers run' }
  return { code: 'Observed', say: `noted the state of ${name}`, why: 'its containers changed' }
}
