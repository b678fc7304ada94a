/** The window on a fixture with answers for every view: `?scene=home|typo|pending|…&theme=light&lines=100000`. Never shipped. */
import { mount } from 'svelte'
import App from '../../../renderer/App.svelte'
import '../../../renderer/theme/styles.ts'
import { scenes } from '../fixture/scenes.ts'
import { StoryCarrier } from '../fixture-b/story-carrier.ts'
import { pending, typo } from '../fixture-b/typo.ts'

const query = new URLSearchParams(location.search)
const all: Record<string, (() => ReturnType<typeof typo>) | undefined> = { ...scenes, typo, pending }
const scene = (all[query.get('scene') ?? 'home'] ?? typo)()
const carrier = new StoryCarrier(scene, Number(query.get('lines') ?? 1_200))
const clock = {
  now: () => scene.nowMs,
  after: (ms: number, fn: () => void) => { const timer = setTimeout(fn, ms); return () => clearTimeout(timer) },
}
const theme = query.get('theme')
if (theme !== null) document.documentElement.dataset['theme'] = theme
Object.assign(window, { story: { carrier, scene } })
mount(App, { target: document.getElementById('window')!, props: { carrier, clock, shell: undefined, fixedTheme: theme !== null } })
if (query.has('cut')) setTimeout(() => carrier.become('lost'), 500)
