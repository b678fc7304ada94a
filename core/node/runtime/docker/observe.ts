/** The engine's words about a container, turned into ours. Pure. */
import type Docker from 'dockerode'
import type { RuntimeContainer } from '../../runtime.ts'
import { identify } from './labels.ts'

/** The engine writes year 1 for "never". */
const instant = (text: string | undefined): number | undefined => {
  const ms = text ? Date.parse(text) : NaN
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms
}

/** Exit code that upstream shows for a container that could not be started (containerd's). */
export const startErrorExitCode = 128

export function observed(info: Docker.ContainerInspectInfo): RuntimeContainer | undefined {
  const who = identify(info.Config.Labels ?? {})
  if (!who) return undefined
  const { State } = info
  const failedStart = State.Status === 'created' && State.Error !== ''
  const state = State.Running ? 'running' : State.Status === 'created' && !failedStart ? 'created' : 'exited'
  const startedMs = instant(State.StartedAt)
  const finishedMs = instant(State.FinishedAt)
  const ip = Object.values(info.NetworkSettings.Networks ?? {})[0]?.IPAddress
  return {
    ...who,
    id: info.Id,
    image: info.Config.Image,
    imageId: info.Image,
    state,
    createdMs: Date.parse(info.Created),
    ...(startedMs === undefined || state === 'created' ? {} : { startedMs }),
    ...(state !== 'exited' ? {} : { exitCode: failedStart ? startErrorExitCode : State.ExitCode, oomKilled: State.OOMKilled, finishedMs: finishedMs ?? Date.parse(info.Created) }),
    ...(State.Error ? { error: State.Error } : {}),
    ...(who.kind === 'sandbox' && ip ? { ip } : {}),
    labels: info.Config.Labels ?? {},
  }
}
