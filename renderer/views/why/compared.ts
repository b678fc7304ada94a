/** A scheduling cycle by machine and plugin: who said no and why, who gave how many points. Pure. */
import type { SchedulingCycle, Verdict } from '../../../electron/contract.ts'

export interface PluginWord {
  name: string
  no: boolean
  /** Nothing that happens to other Pods can lift it. */
  lasting: boolean
  reason: string
  say: string
  /** 0 to 100, before its weight. */
  score: number | undefined
  weight: number
}
export interface MachineWord {
  node: string
  refused: readonly Verdict[]
  plugins: readonly PluginWord[]
  /** What the scorers tell, for a machine that fits. */
  tells: string
  scored: boolean
  total: number
}

/** The chosen first, then those that fit by points, then those nearest to fitting. */
export function compared(cycle: SchedulingCycle): MachineWord[] {
  const byNode = new Map<string, Verdict[]>()
  for (const verdict of cycle.verdicts) {
    const list = byNode.get(verdict.node)
    if (list) list.push(verdict)
    else byNode.set(verdict.node, [verdict])
  }
  return [...byNode].map(([node, verdicts]): MachineWord => {
    const refused = verdicts.filter(({ outcome }) => outcome === 'unschedulable' || outcome === 'unresolvable')
    const scores = verdicts.filter(({ outcome }) => outcome === 'score')
    return {
      node, refused, plugins: pluginWords(verdicts), scored: scores.length > 0, tells: [...new Set(scores.map(({ say }) => say).filter((say) => say !== ''))].join('; '),
      total: scores.reduce((sum, { score = 0, weight = 1 }) => sum + score * weight, 0),
    }
  }).toSorted((a, b) => Number(b.node === cycle.chosen) - Number(a.node === cycle.chosen) || a.refused.length - b.refused.length || b.total - a.total || (a.node < b.node ? -1 : 1))
}

/** One row a plugin, whether it filters, scores or both; those that say no first. */
function pluginWords(verdicts: readonly Verdict[]): PluginWord[] {
  const words = new Map<string, PluginWord>()
  for (const { plugin, outcome, reason = '', say, score, weight = 1 } of verdicts) {
    const known = words.get(plugin)
    if (outcome === 'score') {
      words.set(plugin, known ? { ...known, score, weight, say: known.say === say || say === '' ? known.say : known.say === '' ? say : `${known.say}; ${say}` } : { name: plugin, no: false, lasting: false, reason: '', say, score, weight })
      continue
    }
    const no = outcome !== 'fits'
    words.set(plugin, { name: plugin, no, lasting: outcome === 'unresolvable', reason, say, score: known?.score, weight: known?.weight ?? 1 })
  }
  return [...words.values()].toSorted((a, b) => Number(b.no) - Number(a.no))
}
