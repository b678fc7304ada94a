/** Counts given as a number or as a share: `1`, `25%`. Upstream: apimachinery/pkg/util/intstr. */
import { percent } from './names.ts'

export type IntOrString = number | string

/** The count for a total; shares are rounded as told. Throws a RangeError for text that is no percentage. */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  if (percent(value).length > 0) throw new RangeError(`invalid value for IntOrString: invalid type: string is not a percentage`)
  const exact = (Number(value.slice(0, -1)) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
