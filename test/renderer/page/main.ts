/** The window on a fixture: `?scene=home|lab|typo|…&theme=light&lines=100000&cut`. Time stands still unless `&live`. Never shipped. */
import { mount } from 'svelte'
import App from '../../../renderer/App.svelte'
import '../../../renderer/theme/styles.ts'
import { scenes } from '../fixture/scenes.ts'
import { StoryCarrier } from '../fixture/story-carrier.ts'

const query = new URLSearchParams(location.search)
const scene = (scenes[query.get('scene') ?? 'home'] ?? scenes['home']!)()
const carrier = new StoryCarrier(scene, Number(query.get('lines') ?? 1_200))
const offset = query.has('live') ? scene.nowMs - Date.now() : undefined
const clock = {
  now: () => (offset === undefined ? scene.nowMs : Date.now() + offset),
  after: (ms: number, fn: () => void) => {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}
const theme = query.get('theme')
if (theme !== null) document.documentElement.dataset['theme'] = theme
declare global {
  interface Window { fixture: { carrier: StoryCarrier; scene: typeof scene } }
}
window.fixture = { carrier, scene }
mount(App, { target: document.getElementById('window')!, props: { carrier, clock, shell: undefined, fixedTheme: theme !== null } })
if (query.has('cut')) setTimeout(() => carrier.become('lost'), 500)
