/** ResourceSlices, ResourceClaims and DeviceClasses: good ones and what is wrong with others. */
import type { Json } from '../../core/base/json.ts'

type Fields = Record<string, Json>
const driver = 'd.example.com'
const of = (kind: string, spec: Fields, metadata: Fields = {}): Json => ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'x', ...metadata }, spec })
const slice = (fields: Fields): Json => of('ResourceSlice', { driver, nodeName: 'n', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, ...fields })
const devices = (...all: Fields[]): Json => slice({ devices: all.map((one, i) => ({ name: `d${i}`, ...one })) })
const shared = (requestPolicy: Fields, value = '8Gi'): Json => devices({ allowMultipleAllocations: true, capacity: { memory: { value, requestPolicy } } })
const claim = (requests: Json[], more: Fields = {}): Json => of('ResourceClaim', { devices: { requests, ...more } })
const exactly = (fields: Fields = {}, name = 'r'): Json => ({ name, exactly: { deviceClassName: 'c', ...fields } })
const deviceClass = (spec: Fields): Json => of('DeviceClass', spec)
const counters = (n: number): Fields => Object.fromEntries(Array.from({ length: n }, (_, i) => [`c${i}`, { value: '1' }]))

export const deviceCases: Readonly<Record<string, Json>> = {
  'resourceslice/plain': devices({ attributes: { model: { string: 'a' }, 'other.example.com/numa': { int: 1 }, ok: { bool: true }, v: { version: '1.2.3-rc.1' } }, capacity: { memory: { value: '8Gi' } } }),
  'resourceslice/places': slice({ nodeName: 'Not_A_Node', allNodes: true, perDeviceNodeSelection: false }),
  'resourceslice/selector': of('ResourceSlice', { driver, pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Foo' }] }] } }),
  'resourceslice/pool': slice({ driver: 'D_x', pool: { name: 'a/B', generation: -1, resourceSliceCount: 0 } }),
  'resourceslice/names': devices({ name: 'Bad_Name' }, { name: 'same' }, { name: 'same' }),
  'resourceslice/attributes': devices({ attributes: { a: {}, b: { string: 'x', int: 1 }, c: { string: 'x'.repeat(65) }, d: { version: '1.2' }, 'bad-id': { bool: true }, '/e': { bool: true }, 'E_/f': { bool: true }, [`a${'b'.repeat(32)}`]: { int: 1 } } }),
  'resourceslice/too many attributes': devices({ attributes: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, { int: i }])) }),
  'resourceslice/taints': devices({ taints: [{ key: 'a b', value: '-', effect: 'Never' }, { key: '', effect: '' }, { key: 'ok', effect: 'None', timeAdded: '2026-01-01T00:00:00Z' }] }),
  'resourceslice/many devices': slice({ devices: Array.from({ length: 129 }, (_, i) => ({ name: `d${i}` })) }),
  'resourceslice/many devices with counters': slice({ devices: Array.from({ length: 65 }, (_, i) => ({ name: `d${i}`, ...(i === 0 ? { consumesCounters: [{ counterSet: 's', counters: counters(1) }] } : {}) })) }),
  'resourceslice/counters': slice({ sharedCounters: [{ name: 'card', counters: { memory: { value: '8Gi' }, 'Bad_': { value: '1' } } }, { name: 'card', counters: {} }, { name: '', counters: counters(33) }] }),
  'resourceslice/counters and devices': slice({ sharedCounters: [{ name: 'card', counters: counters(2) }], devices: [{ name: 'd' }] }),
  'resourceslice/draws': devices({ consumesCounters: [{ counterSet: '', counters: {} }, { counterSet: 'A_', counters: { 'X_': { value: '1' } } }] }, { consumesCounters: [1, 2, 3].map((n) => ({ counterSet: `s${n}`, counters: counters(1) })) }),
  'resourceslice/node of a device': devices({ nodeName: 'n' }),
  'resourceslice/nodes of devices': of('ResourceSlice', { driver, perDeviceNodeSelection: true, pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'a' }, { name: 'b', nodeName: 'n', allNodes: true }, { name: 'c', allNodes: false }, { name: 'd', nodeName: '' }, { name: 'e', nodeSelector: { nodeSelectorTerms: [] } }] }),
  'resourceslice/binding conditions': devices({ bindingConditions: ['attached'], bindingFailureConditions: ['failed'], bindsToNode: true }, { bindingConditions: ['a'] }, { bindingFailureConditions: ['a'] }, { bindingConditions: ['a', 'a', 'b c'], bindingFailureConditions: ['a', 'x', 'x'] }, { bindingConditions: ['a', 'b', 'c', 'd', 'e'], bindingFailureConditions: ['x'] }),
  'resourceslice/shared': shared({ default: '1Gi', validRange: { min: '1Gi', max: '4Gi', step: '1Gi' } }),
  'resourceslice/policy of one that is not shared': devices({ capacity: { memory: { value: '8Gi', requestPolicy: { default: '1Gi' } } } }),
  'resourceslice/two policies': shared({ default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } }),
  'resourceslice/no default': shared({ validValues: ['1Gi'] }),
  'resourceslice/no default of a range': shared({ validRange: { min: '1Gi' } }),
  'resourceslice/values': shared({ default: '3Gi', validValues: ['2Gi', '1Gi', '16Gi', '2Gi'] }),
  'resourceslice/range': shared({ default: '1Gi', validRange: { min: '2Gi', max: '1Gi' } }),
  'resourceslice/range above all': shared({ default: '20', validRange: { min: '9', max: '12', step: '3' } }, '8'),
  'resourceslice/steps': shared({ default: '4', validRange: { min: '1', max: '7', step: '2' } }, '8'),
  'resourceclaim/plain': claim([exactly(), { name: 's', firstAvailable: [{ name: 'a', deviceClassName: 'c' }, { name: 'b', deviceClassName: 'c', allocationMode: 'All', capacity: { requests: { memory: '1Gi' } } }] }], { constraints: [{ requests: ['r', 's/a'], distinctAttribute: `${driver}/numa` }] }),
  'resourceclaim/capacity': claim([exactly({ capacity: { requests: { memory: '1500Mi', 'other.example.com/lanes': '2' } }, tolerations: [{ operator: 'Exists', tolerationSeconds: 5 }] })]),
  'resourceclaim/tolerations': claim([exactly({ tolerations: [{ key: 'a b', operator: 'Exists', value: 'x' }, { key: 'a', operator: 'Equal', value: '-' }, { key: 'a', operator: 'Foo', effect: 'Never' }, {}] })]),
  'resourceclaim/constraints': claim([exactly()], { constraints: [{ matchAttribute: 'numa' }, { distinctAttribute: 'a_b/c-d' }, {}, { requests: ['nobody', 'r', 'r'], matchAttribute: `${driver}/numa` }] }),
  'resourceclaim/config': claim([exactly()], { config: [{}, { opaque: { driver: '', parameters: null } }, { opaque: { driver, parameters: [1] } }, { opaque: { driver, parameters: { a: 'x'.repeat(10_300) } } }] }),
  'resourceclaim/requests': claim([{ name: '' }, { name: 'A', exactly: { deviceClassName: '' } }, exactly({ allocationMode: 'Some', count: 2 }), exactly({ allocationMode: 'All', count: 2 }, 's'), exactly({ count: -1 }, 't')]),
  'deviceclass/plain': deviceClass({ extendedResourceName: 'example.com/gpu', config: [{ opaque: { driver, parameters: { a: 1 } } }] }),
  'deviceclass/extended resource': deviceClass({ extendedResourceName: 'cpu' }),
  'deviceclass/own resource': deviceClass({ extendedResourceName: 'kubernetes.io/gpu' }),
  'deviceclass/config': deviceClass({ selectors: [{}], config: [{}, { opaque: { driver: 'A_', parameters: 'x' } }] }),
}
