import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import packet, { type Packet } from 'dns-packet'
import { systemClock } from '../../../core/base/clock.ts'
import { silent } from '../../../core/base/log.ts'
import { machineResolvers, parseResolvConf, type Resolver } from '../../../core/network/dns/forward.ts'
import { DnsServer } from '../../../core/network/dns/server.ts'
import { namespace, service, slice, worldOf } from '../world.ts'

const many = Array.from({ length: 60 }, (_, i) => ({ addresses: [`10.64.1.${i + 1}`], conditions: { ready: true } }))
const world = (domain: string) => worldOf(
  namespace('default'), service('web', { clusterIP: '10.96.0.20', ports: [{ port: 80 }] }),
  service('many', { clusterIP: 'None', ports: [{ port: 80 }] }), slice('many', [{ port: 80 }], many),
  service('far', { type: 'ExternalName', externalName: domain }),
)

async function started(resolvers: readonly Resolver[], timeoutMs = 200) {
  const server = new DnsServer({ snapshot: world('outside.example'), zone: { domain: 'cluster.local', dns: '10.96.0.10', ranges: [] }, resolvers: () => resolvers, clock: systemClock, log: silent, timeoutMs })
  return { server, port: await server.listen('127.0.0.1', 0) }
}

function udp(port: number, query: Packet | Buffer): Promise<packet.DecodedPacket> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.on('message', (message) => {
      socket.close()
      resolve(packet.decode(message))
    })
    socket.send(Buffer.isBuffer(query) ? query : packet.encode({ type: 'query', id: 77, flags: packet.RECURSION_DESIRED, ...query }), port, '127.0.0.1')
  })
}
function tcp(port: number, query: Packet): Promise<packet.DecodedPacket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let all: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      all = Buffer.concat([all, chunk])
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return
      socket.destroy()
      resolve(packet.decode(all.subarray(2)))
    })
    socket.write(packet.streamEncode({ type: 'query', id: 78, questions: [], ...query }))
  })
}
const rcode = (answer: packet.DecodedPacket) => (answer.flags ?? 0) & 15
const question = (name: string, type: 'A' | 'AAAA' = 'A') => ({ questions: [{ name, type }] })

test('answers cluster names over UDP and TCP, shortens what is too long, says what is not there', async () => {
  const { server, port } = await started([])
  const found = await udp(port, question('web.default.svc.cluster.local'))
  assert.deepEqual([found.id, rcode(found), found.flag_aa, found.answers?.map((one) => 'data' in one && one.data)], [77, 0, true, ['10.96.0.20']])
  const long = await udp(port, question('many.default.svc.cluster.local'))
  assert.deepEqual([long.flag_tc, long.answers?.length], [true, 0])
  assert.equal((await tcp(port, question('many.default.svc.cluster.local'))).answers?.length, 60)
  const wide = await udp(port, { ...question('many.default.svc.cluster.local'), additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }] })
  assert.deepEqual([wide.flag_tc, wide.answers?.length, wide.additionals?.length], [true, 0, 1], 'more than fits a path without fragments')
  const missing = await udp(port, question('nope.default.svc.cluster.local'))
  assert.deepEqual([rcode(missing), missing.authorities?.[0]?.type], [3, 'SOA'])
  assert.equal(rcode(await udp(port, Buffer.from('004d01000001000000000000ff', 'hex'))), 1)
  await server.close()
})

test('other names go to the resolvers in turn; an ExternalName is followed; without any it is a clear failure', async () => {
  const upstream = createSocket('udp4')
  await new Promise<void>((done) => upstream.bind(0, '127.0.0.1', done))
  upstream.on('message', (message, from) => {
    const query = packet.decode(message)
    upstream.send(packet.encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [], answers: [{ type: 'A', name: query.questions![0]!.name, ttl: 9, data: '203.0.113.5' }] }), from.port, from.address)
  })
  const silentOne = createSocket('udp4')
  await new Promise<void>((done) => silentOne.bind(0, '127.0.0.1', done))
  const { server, port } = await started([{ address: '127.0.0.1', port: silentOne.address().port }, { address: '127.0.0.1', port: upstream.address().port }], 50)
  const answer = await udp(port, question('example.org'))
  assert.deepEqual(answer.answers?.map((one) => 'data' in one && one.data), ['203.0.113.5'])
  const external = await udp(port, question('far.default.svc.cluster.local'))
  assert.deepEqual(external.answers?.map((one) => [one.type, 'data' in one && one.data]), [['CNAME', 'outside.example'], ['A', '203.0.113.5']])
  await server.close()
  upstream.close()
  silentOne.close()

  const alone = await started([])
  assert.equal(rcode(await udp(alone.port, question('example.org'))), 2)
  assert.equal(alone.server.counters.unanswered, 1)
  await alone.server.close()
})

test("the machine's resolvers: read again when they change, never ourselves", () => {
  assert.deepEqual(parseResolvConf('# x\nnameserver 1.1.1.1 # y\nsearch a.b c\nnameserver fe80::1%eth0\noptions edns0\n'), { servers: ['1.1.1.1', 'fe80::1'], searches: ['a.b', 'c'] })
  const folder = mkdtempSync(join(tmpdir(), 'orrery-dns-'))
  const path = join(folder, 'resolv.conf')
  const resolvers = machineResolvers(path, ['10.96.0.10'])
  assert.deepEqual(resolvers(), [])
  writeFileSync(path, 'nameserver 10.96.0.10\nnameserver 9.9.9.9\n')
  assert.deepEqual(resolvers(), [{ address: '9.9.9.9', port: 53 }])
  rmSync(folder, { recursive: true })
})
