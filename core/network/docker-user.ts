/**
 * Docker drops what comes from outside a bridge (policy of its FORWARD chain), and no table of ours can overrule that; the
 * chain DOCKER-USER is where it lets others speak first. One rule there, in the exact form that iptables-nft writes, so
 * that Docker's own iptables calls still read the table. Where that chain is not in nftables (iptables-legacy, no Docker
 * firewall) nothing is done, and NodePorts answer on this machine and to Pods, not to other machines.
 */
export type Run = (command: readonly string[], timeoutMs: number) => Promise<{ exitCode: number; output: string }>

const chain = ['ip', 'filter', 'DOCKER-USER'] as const
const timeoutMs = 5_000
const commentOf = (cluster: string): string => `orrery-${cluster}`

/** Resolves with whether other machines can reach NodePorts now. */
export async function openFromOutside(run: Run, cluster: string, bridge: string): Promise<boolean> {
  const handles = await own(run, cluster)
  if (handles === undefined) return false
  if (handles.length > 0) return true
  const { exitCode } = await run(['nft', 'insert', 'rule', ...chain, 'oifname', `"${bridge}"`, 'counter', 'accept', 'comment', `"${commentOf(cluster)}"`], timeoutMs)
  return exitCode === 0
}

export async function closeFromOutside(run: Run, cluster: string): Promise<void> {
  for (const handle of (await own(run, cluster)) ?? []) await run(['nft', 'delete', 'rule', ...chain, 'handle', String(handle)], timeoutMs)
}

/** Handles of our rules; undefined where the chain is not there. */
async function own(run: Run, cluster: string): Promise<number[] | undefined> {
  const { exitCode, output } = await run(['nft', '-j', '-a', 'list', 'chain', ...chain], timeoutMs)
  if (exitCode !== 0) return undefined
  const start = output.indexOf('{')
  const listed = JSON.parse(output.slice(start)) as { nftables: { rule?: { handle: number; comment?: string } }[] }
  return listed.nftables.flatMap(({ rule }) => (rule?.comment === commentOf(cluster) ? [rule.handle] : []))
}
