/** Which field of the form a problem the server found belongs to. Pure. */
import type { Problem } from '../../../electron/contract.ts'
import { dotted } from '../../words/yaml-lines.ts'
import type { FieldName, PlannedObject } from './manifest.ts'

export function fieldOfProblem(planned: readonly PlannedObject[], kind: string, problem: Problem): FieldName | undefined {
  if (problem.path === undefined) return undefined
  const path = dotted(problem.path)
  let best: { field: FieldName; length: number } | undefined
  for (const one of planned) {
    if (kind !== '' && one.object.kind !== kind) continue
    for (const [field, paths] of Object.entries(one.fills) as [FieldName, string[]][]) {
      for (const filled of paths) {
        if ((path === filled || path.startsWith(`${filled}.`)) && filled.length > (best?.length ?? -1)) best = { field, length: filled.length }
      }
    }
  }
  return best?.field
}
