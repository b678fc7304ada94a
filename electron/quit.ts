/** Quitting asks once what should happen to running Pods, and remembers the answer where told to. */
import { dialog } from 'electron'
import type { Cluster } from '../core/cluster.ts'
import type { Home } from '../core/home.ts'

export type QuitDecision = 'keep-pods' | 'stop-pods' | 'cancel'

export async function decideQuit(home: Home, cluster: Cluster): Promise<QuitDecision> {
  const settings = home.settings()
  const pods = cluster.runningPods()
  if (pods === 0) return 'keep-pods'
  if (settings.onQuit !== 'ask') return settings.onQuit
  const are = pods === 1 ? '1 Pod is' : `${pods} Pods are`
  const answer = await dialog.showMessageBox({
    type: 'question',
    message: `${are} running`,
    detail: 'Kept running, they go on serving and are taken up again at the next start. Nothing restarts or moves them while Orrery is away.',
    buttons: ['Keep running', 'Stop them', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    checkboxLabel: 'Do this each time',
  })
  const decision = (['keep-pods', 'stop-pods', 'cancel'] as const)[answer.response] ?? 'cancel'
  if (answer.checkboxChecked && decision !== 'cancel') home.saveSettings({ ...settings, onQuit: decision })
  return decision
}
