/** Which columns of a table have room: those that do not matter most go first, from the right. Pure. */
export interface Fitting { /** CSS track; its first pixels are the least it needs. */ width: string; /** Stays however narrow it gets. */ keep?: boolean }

export const leastWidth = ({ width }: Fitting): number => Number(/\d+/.exec(width)?.[0] ?? 100)

/** Indexes of the columns that stay within `room` pixels, in their order. */
export function columnsThatFit(columns: readonly Fitting[], room: number): number[] {
  const stay = columns.map((_, i) => i)
  let least = columns.reduce((sum, column) => sum + leastWidth(column), 0)
  for (let i = columns.length - 1; i >= 0 && least > room; i--) {
    const column = columns[i]!
    if (column.keep === true) continue
    stay.splice(i, 1)
    least -= leastWidth(column)
  }
  return stay
}
