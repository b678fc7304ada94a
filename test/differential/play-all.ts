/** Plays scenarios beside each other, and after them those that change nodes. */
import type { Outcome } from './outcome.ts'
import { clear, play } from './play.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

export async function playAll(stage: Stage, scenarios: readonly Scenario[], run: string, together: number, expected: (scenario: Scenario) => readonly string[], done: (scenario: Scenario, outcome: Outcome) => void): Promise<void> {
  const one = async (scenario: Scenario) => {
    const namespace = `d-${scenario.name}-${run}`
    done(scenario, await play(stage, scenario, namespace, expected(scenario)))
    await clear(stage, namespace, scenario.steps)
  }
  const waiting = scenarios.filter(({ onItsOwn }) => !onItsOwn)
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await one(next)
  }
  await Promise.all(Array.from({ length: together }, worker))
  for (const scenario of scenarios) if (scenario.onItsOwn) await one(scenario)
}
