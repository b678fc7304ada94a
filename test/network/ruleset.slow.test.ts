/**
 * The ruleset on the real kernel: a machine, its bridge with three Pods, and another machine, each a network namespace of
 * its own, so that nothing of this machine is touched. Needs root, ip and nft.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { ruleset, removal, type RulesetOptions } from '../../core/network/ruleset.ts'
import type { Traffic } from '../../core/network/services.ts'

const id = `orr${process.pid}`
const machine = `${id}m`
const pods = ['1', '2', '3'].map((n) => ({ space: `${id}p${n}`, address: `10.77.0.1${n}` }))
const outside = `${id}o`

const sh = (command: string, input?: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8', ...(input === undefined ? {} : { input }) })
const must = (command: string, input?: string) => {
  const { status, stderr } = sh(command, input)
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
}
const inside = (space: string, command: string) => `ip netns exec ${space} ${command}`

function why(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux'
  if (process.getuid?.() !== 0) return 'needs root to make network namespaces'
  for (const tool of ['ip', 'nft']) if (sh(`command -v ${tool}`).status !== 0) return `needs ${tool}`
  const probe = sh(`ip netns add ${id}x && ip netns exec ${id}x true; code=$?; ip netns del ${id}x; exit $code`)
  return probe.status === 0 ? undefined : 'network namespaces cannot be made here'
}
const lacks = why()

const server = "require('node:http').createServer((q,r)=>r.end(process.argv[1]+' '+q.socket.remoteAddress)).listen(8080,()=>process.stdout.write('up'))"
const client = "const g=(a)=>new Promise(k=>{const[h,p]=a.split(':');const q=require('node:http').get({host:h,port:p,timeout:1500,agent:false},r=>{let t='';r.on('data',c=>t+=c).on('end',()=>k(t))});q.on('timeout',()=>q.destroy(Object.assign(new Error(),{code:'ETIMEDOUT'})));q.on('error',e=>k(e.code))});Promise.all(process.argv.slice(1).map(g)).then(r=>process.stdout.write(JSON.stringify(r)))"
/** One process asks all places at once; answers are `<who> <client address as seen>` or an error code. */
const get = (space: string, ...places: string[]): string[] =>
  JSON.parse(spawnSync('ip', ['netns', 'exec', space, process.execPath, '-e', client, ...places], { encoding: 'utf8' }).stdout) as string[]
const times = (n: number, place: string) => Array.from({ length: n }, () => place)
const who = (answers: readonly string[]) => [...new Set(answers.map((answer) => answer.split(' ')[0]))].sort()

const targets = pods.map(({ address }) => ({ address, port: 8080 }))
const traffic: Traffic = {
  balanced: [
    { name: 'default/web/http/tcp', protocol: 'tcp', addresses: ['10.78.0.20'], port: 80, nodePort: 30080, targets, sticky: false },
    { name: 'default/one/http/tcp', protocol: 'tcp', addresses: ['10.78.0.21'], port: 80, targets: targets.slice(0, 1), sticky: false },
    { name: 'default/same/http/tcp', protocol: 'tcp', addresses: ['10.78.0.22'], port: 80, targets, sticky: true },
    { name: 'default/none/http/tcp', protocol: 'tcp', addresses: ['10.78.0.23'], port: 80, nodePort: 30083, targets: [], sticky: false },
  ],
  hostPorts: [{ name: 'default/host/tcp/8888', protocol: 'tcp', port: 8888, addresses: ['10.77.0.9'], onMachine: true, target: targets[2]! }],
  nodeAddresses: ['10.77.0.9'],
  places: new Map(),
}
/** The first two Pods on a node each, the third on one without endpoints. */
const placed: Traffic = {
  balanced: [
    { name: 'default/near/http/tcp', protocol: 'tcp', addresses: ['10.78.0.30'], port: 80, nodePort: 30090, targets, sticky: false, near: [{ nodes: ['n1'], targets: targets.slice(0, 1) }, { nodes: ['n2'], targets: targets.slice(1, 2) }] },
    {
      name: 'default/local/http/tcp', protocol: 'tcp', addresses: ['10.78.0.31'], externalAddresses: ['10.78.0.32'], port: 80, nodePort: 30091, targets: targets.slice(0, 2), sticky: false,
      near: [{ nodes: ['n1'], targets: targets.slice(0, 1) }, { nodes: ['n3'], targets: [] }],
      entry: { near: [{ nodes: ['n1'], targets: targets.slice(0, 1) }, { nodes: ['n3'], targets: [] }], spares: 'pods' },
    },
  ],
  hostPorts: [],
  nodeAddresses: ['10.77.0.7', '10.77.0.8', '10.77.0.9'],
  places: new Map(pods.map(({ address }, i) => [`n${i + 1}`, { node: [`10.77.0.${7 + i}`], pods: [address] }])),
}
const options = (masquerade: RulesetOptions['masquerade']): RulesetOptions => ({
  cluster: 'test', pods: '10.77.0.0/24', services: '10.78.0.0/20', bridge: 'br0', masquerade,
  own: [{ address: '10.78.0.1', port: 443, protocol: 'tcp', to: { address: '10.77.0.1', port: 8080 } }],
})
const apply = (text: string) => must(inside(machine, 'nft -f -'), text)

describe('service rules on a real kernel', { skip: lacks ?? false, timeout: 60_000 }, () => {
  const servers: ChildProcess[] = []

  before(async () => {
    must(`ip netns add ${machine} && ${inside(machine, 'ip link set lo up')} && ${inside(machine, 'ip link add br0 type bridge')} && ${inside(machine, 'ip addr add 10.77.0.1/24 dev br0')} && ${inside(machine, 'ip link set br0 up')}`)
    must(inside(machine, 'sysctl -qw net.ipv4.ip_forward=1'))
    for (const [i, { space, address }] of pods.entries()) {
      must(`ip netns add ${space} && ip link add v${i} netns ${machine} type veth peer name eth0 netns ${space}`)
      must(`${inside(machine, `ip link set v${i} master br0 up`)} && ${inside(machine, `bridge link set dev v${i} hairpin on`)}`)
      must(`${inside(space, 'ip link set lo up')} && ${inside(space, `ip addr add ${address}/24 dev eth0`)} && ${inside(space, 'ip link set eth0 up')} && ${inside(space, 'ip route add default via 10.77.0.1')}`)
    }
    must(`ip netns add ${outside} && ip link add out0 netns ${machine} type veth peer name eth0 netns ${outside}`)
    must(`${inside(machine, 'ip addr add 198.51.100.1/24 dev out0')} && ${inside(machine, 'ip link set out0 up')} && ${inside(machine, 'ip route add default via 198.51.100.2')}`)
    must(`${inside(outside, 'ip addr add 198.51.100.2/24 dev eth0')} && ${inside(outside, 'ip link set eth0 up')} && ${inside(outside, 'ip link set lo up')} && ${inside(outside, 'ip route add default via 198.51.100.1')}`)
    await Promise.all([...pods.map(({ space }) => space), machine].map((space) => new Promise<void>((up) => {
      const child = spawn('ip', ['netns', 'exec', space, process.execPath, '-e', server, space.replace(id, '')], { stdio: ['ignore', 'pipe', 'inherit'] })
      child.stdout!.once('data', () => up())
      servers.push(child)
    })))
  })

  after(() => {
    for (const child of servers) child.kill('SIGKILL')
    for (const space of [machine, outside, ...pods.map((pod) => pod.space)]) sh(`ip netns del ${space}`)
  })

  /** Whether bridged frames pass the rules, as with Docker on most machines; where off, everything must be masqueraded. */
  const bridged = (on: boolean) => sh(inside(machine, `sysctl -qw net.bridge.bridge-nf-call-iptables=${on ? 1 : 0}`)).status === 0
  const p1 = pods[0]!.space

  for (const [how, on, masquerade] of [['with br_netfilter', true, 'hairpin'], ['without it, masqueraded', false, 'all']] as const) {
    it(`Pod to Service, to itself, refusals: ${how}`, (t) => {
      if (!bridged(on) && on) return t.skip('no br_netfilter in this kernel')
      apply(ruleset(traffic, options(masquerade)))
      const answers = get(p1, ...times(24, '10.78.0.20:80'), '10.78.0.21:80', ...times(5, '10.78.0.22:80'), '10.78.0.23:80', '10.78.0.99:80', '10.78.0.20:81', '10.78.0.1:443', '198.51.100.1:30080')
      assert.deepEqual(who(answers.splice(0, 24)), ['p1', 'p2', 'p3'], 'all three answer')
      assert.deepEqual(who(answers.splice(0, 1)), ['p1'], 'a Pod reaches itself')
      assert.equal(who(answers.splice(0, 5)).length, 1, 'sticky')
      assert.deepEqual(answers.splice(0, 3), times(3, 'ECONNREFUSED'), 'no endpoints, nobody, no such port')
      assert.deepEqual(who(answers.splice(0, 1)), ['m'], 'the API address leads to the machine')
      assert.match(answers[0]!, /^p\d /, 'node port, from a Pod')
      const client = get(pods[1]!.space, '10.78.0.21:80')[0]!.split(' ')[1]
      assert.equal(client, masquerade === 'hairpin' ? '::ffff:10.77.0.12' : '::ffff:10.77.0.1', "the client's own address is seen where possible")
    })
  }

  it('from the machine and from outside', (t) => {
    if (!bridged(true)) t.diagnostic('no br_netfilter')
    apply(ruleset(traffic, options('hairpin')))
    const here = get(machine, '10.78.0.20:80', '10.77.0.1:30080', '10.77.0.9:30080', '198.51.100.1:30080', '10.77.0.9:8888', '10.78.0.99:80', '198.51.100.1:30083')
    for (const answer of here.slice(0, 4)) assert.match(answer, /^p\d /)
    assert.match(here[4]!, /^p3 /, 'host port')
    assert.deepEqual(here.slice(5), times(2, 'ECONNREFUSED'))
    const there = get(outside, '198.51.100.1:30080', '198.51.100.1:8888', '198.51.100.1:30083', '10.77.0.11:8080')
    assert.match(there[0]!, /^p\d ::ffff:198\.51\.100\.2/, 'with its own address')
    assert.match(there[1]!, /^p3 /, 'host port')
    assert.deepEqual(there.slice(2), ['ECONNREFUSED', 'ETIMEDOUT'], "Pods' own addresses stay closed to other machines")
  })

  it('clients of a node use its endpoints, or none; from outside it is the node called', () => {
    apply(ruleset(placed, options('all')))
    assert.deepEqual(who(get(pods[0]!.space, ...times(8, '10.78.0.30:80'))), ['p1'])
    assert.deepEqual(who(get(pods[1]!.space, ...times(8, '10.78.0.30:80'))), ['p2'])
    assert.deepEqual(who(get(pods[2]!.space, ...times(24, '10.78.0.30:80'))), ['p1', 'p2', 'p3'])
    assert.deepEqual(who(get(machine, ...times(24, '10.78.0.30:80'))), ['p1', 'p2', 'p3'])
    assert.deepEqual(get(pods[2]!.space, '10.78.0.31:80'), ['ETIMEDOUT'], 'no endpoint on its node: dropped')
    assert.deepEqual(who(get(pods[2]!.space, ...times(24, '10.78.0.32:80'))), ['p1', 'p2'], "Pods may use another node's endpoints from outside in")
    const calls = get(machine, ...times(6, '10.77.0.7:30091'), '10.77.0.9:30091')
    assert.deepEqual(who(calls.slice(0, 6)), ['p1'])
    assert.deepEqual(calls.slice(6), ['ETIMEDOUT'])
  })

  it('a connection lives through a new ruleset; the table goes without a trace', async () => {
    apply(ruleset(traffic, options('hairpin')))
    const talk = "const s=require('node:net').connect(80,'10.78.0.20');s.on('error',e=>process.stdout.write(e.code));let n=0;s.on('data',d=>{process.stdout.write('got');if(++n>1)process.exit(0)});const ask=()=>s.write('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');ask();process.stdin.on('data',ask)"
    const child = spawn('ip', ['netns', 'exec', p1, process.execPath, '-e', talk], { stdio: ['pipe', 'pipe', 'inherit'] })
    await new Promise((done) => child.stdout.once('data', done))
    apply(ruleset({ ...traffic, balanced: [] }, options('hairpin')))
    child.stdin.write('x')
    const more = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))))
    child.kill('SIGKILL')
    assert.equal(more, 'got')
    apply(removal('test'))
    assert.equal(sh(inside(machine, 'nft list tables')).stdout.trim(), '')
    apply(removal('test'))
  })
})
