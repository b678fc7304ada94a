/** Starts the window: chooses the carrier that this page has, mounts the app. */
import { mount } from 'svelte'
import { systemClock } from '../core/base/clock.ts'
import App from './App.svelte'
import { Connection } from './cluster/carrier.ts'
import { connectPort } from './cluster/port-carrier.ts'
import { connectWebSocket } from './cluster/websocket-carrier.ts'
import './theme/styles.ts'

const target = document.getElementById('window')
if (!target) throw new Error('the page has no place for the window')
const carrier = new Connection(window.orrery ? connectPort : connectWebSocket, systemClock)
mount(App, { target, props: { carrier, clock: systemClock, shell: window.orrery } })
