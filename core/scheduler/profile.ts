/**
 * A profile: the plugins and weights that serve one schedulerName (upstream: KubeSchedulerProfile). A Pod whose
 * schedulerName no profile has is left alone.
 */
import type { Plugin } from './plugin.ts'
import { plugins } from './plugins.ts'

export interface Profile {
  readonly schedulerName: string
  /** In the order they are asked; weights as this profile has them. */
  readonly plugins: readonly Plugin[]
  /** Share of the nodes that are scored, 1-100; absent: by the number of nodes. */
  readonly percentageOfNodesToScore?: number
}

export interface ProfileOptions {
  readonly schedulerName: string
  /** Names of default plugins that this profile does without. */
  readonly disabled?: readonly string[]
  /** Weights by plugin name, where they differ from the defaults; 0 leaves the scoring out. */
  readonly weights?: Readonly<Record<string, number>>
  readonly percentageOfNodesToScore?: number
}

export function profile({ schedulerName, disabled = [], weights = {}, percentageOfNodesToScore }: ProfileOptions): Profile {
  const known = new Set(plugins.map(({ name }) => name))
  for (const name of [...disabled, ...Object.keys(weights)]) if (!known.has(name)) throw new RangeError(`profile ${schedulerName}: there is no plugin ${name}`)
  return {
    schedulerName,
    plugins: plugins.filter(({ name }) => !disabled.includes(name)).map((plugin) => (weights[plugin.name] === undefined ? plugin : weigh(plugin, weights[plugin.name]!))),
    ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
  }
}

function weigh(plugin: Plugin, weight: number): Plugin {
  const { score, ...rest } = plugin
  return weight === 0 || !score ? rest : { ...rest, score, weight }
}

export const defaultProfile: Profile = profile({ schedulerName: 'default-scheduler' })
