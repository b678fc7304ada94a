import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Objects } from '../../../renderer/cluster/objects.ts'
import { groupApps } from '../../../renderer/graph/apps.ts'
import { columns, stripOf } from '../../../renderer/graph/columns.ts'
import { compact } from '../../../renderer/graph/compact.ts'
import type { Content, Item, Line } from '../../../renderer/graph/content.ts'
import { cellAt } from '../../../renderer/graph/faces.ts'
import { chooseLabels } from '../../../renderer/graph/labels.ts'
import { levelOf } from '../../../renderer/graph/levels.ts'
import { ModelMemo } from '../../../renderer/graph/memo.ts'
import type { AppModel } from '../../../renderer/graph/model.ts'
import { place, shelves, type Slot } from '../../../renderer/graph/place.ts'
import { diffScenes, sceneOf, type SceneOptions } from '../../../renderer/graph/scene.ts'
import { walk } from '../../../renderer/graph/walk.ts'
import { nothingKept, orderOf, wantsColumns, worldOf } from '../../../renderer/graph/world.ts'
import { emblemKey, emblemShapes } from '../../../renderer/ui/emblem-shapes.ts'
import { home } from '../fixture/home.ts'
import { lab } from '../fixture/lab.ts'
import { Maker } from '../fixture/objects.ts'
import type { Scene } from '../fixture/scene.ts'

function load(scene: Scene) {
  const objects = new Objects()
  objects.apply(scene.objects.map((object) => ({ type: 'ADDED' as const, object, revision: Number(object.metadata.resourceVersion) })), scene.revision)
  const memo = new ModelMemo()
  const models = (now = scene.nowMs) => memo.models(groupApps(objects), objects, now, scene.ports)
  return { objects, models }
}
const app = (models: readonly AppModel[], name: string): AppModel => models.find((model) => model.name === name)!
const room = { w: 848, h: 700 }
const options: SceneOptions = { traffic: true, storage: true, trail: new Set(), selected: undefined, hovered: undefined, bright: () => true }
const everything: Slot = { x: -1e6, y: -1e6, w: 2e6, h: 2e6 }

test('apps: by label, in their namespace, the cluster itself left out', () => {
  const { objects } = load(home())
  const make = new Maker(0)
  const kubernetes = make.add('Service', 'v1', 'default', 'kubernetes', { spec: { ports: [{ port: 443 }] } })
  objects.apply([{ type: 'ADDED', object: kubernetes, revision: 9_000 }], 9_000)
  const apps = groupApps(objects)
  assert.deepEqual(apps.map((one) => one.key), ['default/gitea', 'default/jellyfin', 'default/mqtt-bridge', 'default/nginx'])
  assert.deepEqual(apps[0]!.workloads.map((one) => one.metadata.name), ['gitea', 'gitea-db'])
})

test("the seed's Service has no label and still joins what it selects; unlabelled workloads meet in a Service", () => {
  const make = new Maker(0)
  const template = (labels: Record<string, string>) => ({ spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } } }, status: {} })
  make.add('Deployment', 'apps/v1', 'default', 'nginx-deployment', template({ app: 'nginx' }))
  make.add('Service', 'v1', 'default', 'nginx-service', { spec: { selector: { app: 'nginx' }, ports: [{ port: 80 }] } })
  make.add('Deployment', 'apps/v1', 'default', 'one', template({ role: 'x', v: '1' }))
  make.add('Deployment', 'apps/v1', 'default', 'two', template({ role: 'x', v: '2' }))
  make.add('Service', 'v1', 'default', 'both', { spec: { selector: { role: 'x' }, ports: [{ port: 80 }] } })
  make.add('Pod', 'v1', 'other', 'lone', { spec: { containers: [{ name: 'a', image: 'a' }] }, status: {} })
  const objects = new Objects()
  objects.apply(make.objects.map((object) => ({ type: 'ADDED' as const, object, revision: 1 })), 1)
  const apps = groupApps(objects)
  assert.deepEqual(apps.map((one) => [one.key, one.workloads.map((w) => w.metadata.name), one.services.map((s) => s.metadata.name)]), [
    ['default/nginx', ['nginx-deployment'], ['nginx-service']], ['default/one', ['one', 'two'], ['both']], ['other/lone', ['lone'], []],
  ])
})

test('a rolling update in words, marks and places on the orbits', () => {
  const nginx = app(load(home()).models(), 'nginx')
  assert.equal(nginx.state.say, 'rolling out 1.26')
  assert.equal(nginx.state.why, '1 of 3 replaced, never fewer than 3 ready')
  assert.match(nginx.left ?? '', /^about \d+ s to go$/)
  assert.deepEqual(nginx.emblem.outer, ['ready', 'moving', 'planned'])
  assert.deepEqual([...nginx.emblem.inner].sort(), ['leaving', 'ready', 'ready'])
  assert.equal(nginx.services[0]!.state.say, '3 ready, 1 starting')
  assert.deepEqual(nginx.services[0]!.ways.map((way) => way.title), ['localhost', 'every machine'])
  assert.deepEqual(nginx.workloads[0]!.needs.map((need) => [need.name, need.missing]), [['nginx-conf', false]])
})

test('a crash loop counts down, and only what ticks is made anew', () => {
  const { models } = load(home())
  const scene = home()
  const before = models()
  const later = models(scene.nowMs + 5_000)
  assert.equal(app(before, 'mqtt-bridge').state.why, '6 times; next try in 1:52')
  assert.equal(app(later, 'mqtt-bridge').state.why, '6 times; next try in 1:47')
  assert.ok((app(before, 'mqtt-bridge').emblem.countdown ?? 0) > (app(later, 'mqtt-bridge').emblem.countdown ?? 0))
  assert.equal(app(before, 'gitea'), app(later, 'gitea'))
})

const inside = (item: Item, content: Content) => item.x - item.w / 2 >= 0 && item.x + item.w / 2 <= content.w && item.y - item.h / 2 >= 0 && item.y + item.h / 2 <= content.h
const meets = (a: Item, b: Item) => Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h

test('columns and compact: everything inside its box, nothing covers anything', () => {
  for (const scene of [home(), lab(1)]) {
    for (const model of load(scene).models()) {
      for (const content of [columns(model), compact(model, false), ...(wantsColumns(model) ? [] : [compact(model, true)])]) {
        for (const item of content.items) assert.ok(inside(item, content), `${model.name}: ${item.id} leaves its box`)
        content.items.forEach((a, i) => content.items.slice(i + 1).forEach((b) => assert.ok(!meets(a, b), `${model.name}: ${a.id} covers ${b.id}`)))
      }
    }
  }
})

test('no traffic edge passes behind a node', () => {
  const content = columns(app(load(home()).models(), 'nginx'))
  const crosses = (line: Line, item: Item) => {
    if (item.id === line.source || item.id === line.target) return false
    for (let t = 0; t <= 1; t += 0.02) {
      const x = line.from.x + (line.to.x - line.from.x) * t
      const y = line.from.y + (line.to.y - line.from.y) * t
      if (Math.abs(x - item.x) < item.w / 2 && Math.abs(y - item.y) < item.h / 2) return true
    }
    return false
  }
  for (const line of content.lines.filter((one) => one.kind === 'traffic')) for (const item of content.items) assert.ok(!crosses(line, item), `${line.id} behind ${item.id}`)
})

test('more than 12 Pods are a strip; more than 200 share cells; a cell leads to its Pod', () => {
  const model = load(lab(4)).models().find((one) => one.workloads[0]!.sets[0]!.pods.length > 20)!
  const strip = columns(model).items.find((item) => item.face.type === 'strip')!
  assert.ok(strip.face.type === 'strip' && strip.face.each === 1)
  const first = strip.face.pods[0]!
  assert.equal(cellAt(strip, strip.x - (strip.face.columns * strip.face.pitch) / 2 + 3, strip.y - strip.h / 2 + 9), first)
  assert.equal(cellAt(strip, strip.x - strip.w, strip.y), undefined)
  const many = Array.from({ length: 950 }, () => first)
  assert.deepEqual([stripOf(many).each, Math.ceil(950 / stripOf(many).each) <= 200], [5, true])
})

test('places: shelves in order of size, kept over changes, the first free one for newcomers, growth pushes', () => {
  const sizes = new Map([['a', { w: 848, h: 380 }], ['b', { w: 300, h: 296 }], ['c', { w: 268, h: 200 }], ['d', { w: 232, h: 250 }]])
  const first = shelves(sizes, 848, 24)
  assert.deepEqual([first.get('a'), first.get('b'), first.get('c')?.x, first.get('d')?.x, first.get('d')?.h], [{ x: 0, y: 0, w: 848, h: 380 }, { x: 0, y: 404, w: 300, h: 296 }, 324, 616, 296])
  const without = new Map(sizes)
  without.delete('c')
  const holed = place(first, without, 848, 24)
  assert.deepEqual(holed.get('d'), first.get('d'))
  const again = place(holed, new Map([...without, ['e', { w: 200, h: 200 }]]), 848, 24)
  assert.deepEqual([again.get('e')?.x, again.get('e')?.y], [324, 404])
  const grown = place(first, new Map([...sizes, ['a', { w: 848, h: 480 }]]), 848, 24)
  assert.deepEqual([grown.get('b')?.y, grown.get('a')?.y, grown.get('b')?.x], [504, 0, 0])
  const all = [...place(first, new Map([...sizes, ['b', { w: 380, h: 296 }]]), 848, 24).values()]
  all.forEach((a, i) => all.slice(i + 1).forEach((b) => assert.ok(a.x >= b.x + b.w || b.x >= a.x + a.w || a.y >= b.y + b.h || b.y >= a.y + a.h, 'boxes overlap')))
})

test('few apps get boxes of their size, many get cells that never move', () => {
  const few = worldOf(load(home()).models(), 'app', room, nothingKept)
  assert.equal(few.dense, false)
  assert.equal(orderOf(few)[0], 'default/nginx')
  const models = load(lab(1)).models()
  const many = worldOf(models, 'namespace', room, nothingKept)
  assert.deepEqual([many.dense, many.groups.length, many.apps.length], [true, 12, 150])
  const gone = models.filter((model) => model.key !== many.cells.get('shop')![3])
  const after = worldOf(gone, 'namespace', room, { slots: many.slots, cells: many.cells })
  const at = new Map(many.apps.map((box) => [box.app.key, `${box.x} ${box.y}`]))
  for (const box of after.apps) assert.equal(`${box.x} ${box.y}`, at.get(box.app.key))
})

test('levels: by size on screen, with hysteresis', () => {
  const models = load(home()).models()
  const world = worldOf(models, 'app', room, nothingKept)
  const nginx = world.apps.find((box) => box.app.name === 'nginx')!
  const gitea = world.apps.find((box) => box.app.name === 'gitea')!
  assert.equal(levelOf(nginx, 1, undefined).level, 3)
  assert.equal(levelOf(gitea, 1, undefined).level, 2)
  assert.equal(levelOf(gitea, 1.5, undefined).level, 3)
  assert.equal(levelOf(nginx, 0.66, undefined).level, 2)
  assert.equal(levelOf(nginx, 0.66, 3).level, 3)
  assert.equal(levelOf(gitea, 0.4, undefined).level, 1)
  assert.equal(levelOf(gitea, 0.1, undefined).level, 0)
})

test('scenes: the same world twice is no difference; one Pod is a handful of operations', () => {
  const scene = home()
  const { objects, models } = load(scene)
  const world = worldOf(models(), 'app', room, nothingKept)
  const first = sceneOf(world, everything, 1, new Map(), options)
  assert.ok(first.nodes.size > 20 && first.edges.size > 12)
  for (const edge of first.edges.values()) assert.ok(first.nodes.has(edge.source) && first.nodes.has(edge.target))
  const same = diffScenes(first, sceneOf(worldOf(models(), 'app', room, world), everything, 1, first.levels, options))
  assert.equal(Object.values(same).flat().length, 0)
  const pod = objects.get('Pod', 'default', 'nginx-deployment-7c9-q9d4t')!
  const ready = { ...pod, metadata: { ...pod.metadata, resourceVersion: '9999' }, status: new Maker(scene.nowMs).ready('nginx:1.26') }
  objects.apply([{ type: 'MODIFIED', object: ready, revision: 9_999 }], 9_999)
  const diff = diffScenes(first, sceneOf(worldOf(models(), 'app', room, world), everything, 1, first.levels, options))
  assert.deepEqual([diff.removed.length, diff.addedNodes.length, diff.movedNodes.length], [0, 0, 0])
  assert.ok(diff.changedNodes.some((node) => node.id === pod.metadata.uid && node.fill === 'g-node'))
})

test('150 apps far out are as many nodes, not as many Pods; only what is in view is promoted', () => {
  const world = worldOf(load(lab(1)).models(), 'namespace', room, nothingKept)
  const far = sceneOf(world, everything, 0.18, new Map(), options)
  assert.equal(far.nodes.size, 162)
  const box = world.apps[0]!
  const near = sceneOf(world, { x: box.x, y: box.y, w: 600, h: 500 }, 1.2, new Map(), options)
  assert.ok(near.nodes.size < 420, `${near.nodes.size} nodes`)
  assert.ok(near.apps.filter((one) => one.shown.content).length < 16)
})

test('labels: trouble first, then size; none covers another', () => {
  const label = (key: string, x: number, rank: number, pods = 1) => ({ key, x, y: 0, w: 40, rank, pods })
  assert.deepEqual([...chooseLabels([label('a', 0, 7, 99), label('b', 20, 0), label('c', 200, 7)])], ['b', 'c'])
  assert.equal(chooseLabels(Array.from({ length: 99 }, (_, i) => label(String(i), i * 100, 7)), 40).size, 40)
})

test('walking: right to the Pods, left to the cause, down to the next app', () => {
  const points = [{ id: 'w', x: 0, y: 0, app: 'a' }, { id: 's', x: 150, y: -40, app: 'a' }, { id: 'p', x: 350, y: -60, app: 'a' }, { id: 'n', x: 10, y: 400, app: 'b' }]
  assert.equal(walk(points, points[0]!, 'right')?.id, 's')
  assert.equal(walk(points, points[2]!, 'left')?.id, 's')
  assert.equal(walk(points, points[0]!, 'down')?.id, 'n')
  assert.equal(walk(points, points[0]!, 'left'), undefined)
})

test('emblems: the same state is the same picture; a failing Pod among 200 keeps its diamond', () => {
  const marks = Array.from({ length: 200 }, (_, i) => (i === 77 ? ('failing' as const) : ('ready' as const)))
  const state = { core: 'disc' as const, mark: 'degraded' as const, outer: marks, inner: [] }
  assert.equal(emblemKey(state), emblemKey({ ...state, outer: [...marks] }))
  assert.ok(emblemShapes(state, 40).some((shape) => shape.fill === 'fail'))
  assert.equal(emblemShapes({ ...state, outer: marks.slice(0, 3) }, 22).filter((shape) => shape.fill === 'g-ready').length, 3)
})
