/** How many Pods an update may miss or add (pkg/controller/daemon/util/daemonset_util.go, update.go). Shares are rounded up. */
import { percent } from '../../api/names.ts'
import { scaledValue, type IntOrString } from '../../api/int-or-percent.ts'
import type { DaemonSet } from '../../api/types/apps.ts'

const scaled = (value: IntOrString | undefined, total: number): number =>
  value === undefined || (typeof value === 'string' && percent(value).length > 0) ? 0 : scaledValue(value, total, 'up')

const rolling = ({ spec }: DaemonSet) => (spec.updateStrategy?.type === 'RollingUpdate' ? spec.updateStrategy.rollingUpdate : undefined)

export const allowsSurge = (ds: DaemonSet): boolean => scaled(rolling(ds)?.maxSurge, 1) > 0

/** Both zero would never move: one may then be missing. */
export function updateLimits(ds: DaemonSet, desired: number): { surge: number; unavailable: number } {
  const surge = scaled(rolling(ds)?.maxSurge, desired)
  const unavailable = scaled(rolling(ds)?.maxUnavailable, desired)
  return { surge, unavailable: desired > 0 && surge === 0 && unavailable === 0 ? 1 : unavailable }
}
