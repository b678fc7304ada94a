/**
 * How often each node of this process renews its Lease: every 10 s like a kubelet (a quarter of 40 s), and where there
 * are very many, less often, down to half the Lease's life. They share one process, so their silence would be one anyway,
 * and the renewals of thousands are most of what an idle cluster costs.
 */
const kubeletsMs = 10_000
const longestMs = 20_000
const renewalsPerSecond = 100

export const leaseEveryMs = (nodes: number): number => Math.min(longestMs, Math.max(kubeletsMs, (nodes / renewalsPerSecond) * 1000))
