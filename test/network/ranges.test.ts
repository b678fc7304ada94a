import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overlap, parseRange, printRange } from '../../core/network/ipv4.ts'
import { apiAddress, chooseRanges, dnsAddress, gatewayAddress } from '../../core/network/ranges.ts'

test('ranges are stable for a home, differ between homes, and avoid what is in use', () => {
  const first = chooseRanges('a1b2c3d4', [])
  assert.deepEqual(chooseRanges('a1b2c3d4', []), first)
  const others = new Set(Array.from({ length: 50 }, (_, i) => chooseRanges(`home-${i}`, []).pods))
  assert.ok(others.size > 45)
  const second = chooseRanges('a1b2c3d4', [first.pods, first.services, '0.0.0.0/0', 'fd00::/64'])
  for (const a of [first.pods, first.services]) for (const b of [second.pods, second.services]) assert.equal(overlap(parseRange(a)!, parseRange(b)!), false)
  assert.equal(overlap(parseRange(first.pods)!, parseRange(first.services)!), false)
})

test('a VPN that owns all of 10/8 pushes them elsewhere; where nothing is left that is said', () => {
  assert.match(chooseRanges('x', ['10.0.0.0/8']).pods, /^172\./)
  assert.match(chooseRanges('x', ['10.0.0.0/8', '172.16.0.0/12']).pods, /^100\./)
  assert.throws(() => chooseRanges('x', ['10.0.0.0/8', '172.16.0.0/12', '100.64.0.0/10', '192.168.0.0/16']), /in use/)
})

test('well-known addresses', () => {
  const ranges = { pods: '10.64.16.0/20', services: '10.96.0.0/20' }
  assert.deepEqual([apiAddress(ranges), dnsAddress(ranges), gatewayAddress(ranges)], ['10.96.0.1', '10.96.0.10', '10.64.16.1'])
  assert.equal(printRange(parseRange('192.168.7.9/24')!), '192.168.7.0/24')
  assert.equal(parseRange('300.1.1.1/8'), undefined)
})
