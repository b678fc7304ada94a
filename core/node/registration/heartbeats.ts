/**
 * When the nodes of this process make themselves heard: how often a Lease is renewed, and which node's turn it is.
 *
 * A kubelet renews every 10 s (a quarter of the Lease's 40 s). Very many nodes renew less often, down to every 30 s, which
 * leaves the controller's 50 s a margin of 20: they share one process, so their silence would be one anyway, and their
 * renewals are most of what an idle cluster costs. Turns are spread over the interval, so that thousands of nodes that
 * started together don't stop the event loop together, and fall on whole seconds, so that each second's share is one
 * commit to the disk.
 */
const kubeletsMs = 10_000
const longestMs = 30_000
const renewalsPerSecond = 100
const gridMs = 1_000

export const leaseEveryMs = (nodes: number): number => Math.min(longestMs, Math.max(kubeletsMs, (nodes / renewalsPerSecond) * 1000))

/**
 * How long a node waits for its next turn.
 * @param place the node's place among its process's, from 0 to below 1
 * @returns ms, between a quarter and five quarters of the interval: a turn just taken is not taken twice
 */
export function untilTurnMs(nowMs: number, everyMs: number, place: number): number {
  const turn = Math.floor((place * everyMs) / gridMs) * gridMs
  const wait = everyMs - ((((nowMs - turn) % everyMs) + everyMs) % everyMs)
  return wait < everyMs / 4 ? wait + everyMs : wait
}
