/** The tray: how the cluster is in one icon and one line, what fails by name, and the way back to the window. */
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions } from 'electron'
import type { Cluster } from '../core/cluster.ts'
import type { ShellEvents } from './shell-events.ts'
import { trayImage } from './tray-image.ts'

const refreshMs = 500
const maxListed = 6

export function makeTray(options: { cluster: Cluster; show(): void; quit(): void; shell: ShellEvents }): { destroy(): void } {
  const { cluster, show, quit, shell } = options
  const icon = (mark: 'ready' | 'moving' | 'failing') => nativeImage.createFromBuffer(trayImage(mark))
  const tray = new Tray(icon('ready'))
  let shown = ''

  const refresh = () => {
    const { ready, moving, failing } = cluster.health()
    const key = JSON.stringify([ready, moving, failing])
    if (key === shown) return
    shown = key
    tray.setImage(icon(failing.length > 0 ? 'failing' : moving > 0 ? 'moving' : 'ready'))
    const line = [failing.length > 0 ? `${failing.length} failing` : '', moving > 0 ? `${moving} changing` : '', `${ready} ready`].filter(Boolean).join(', ')
    tray.setToolTip(`Orrery: ${line}`)
    const problems: MenuItemConstructorOptions[] = failing.slice(0, maxListed).map(({ ref, say }) => ({
      label: `${ref.name}: ${say}`,
      click: () => {
        show()
        shell.send({ select: ref })
      },
    }))
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: line, enabled: false },
        ...problems,
        { type: 'separator' },
        { label: 'Open Orrery', click: show },
        {
          label: 'Deploy…',
          click: () => {
            show()
            shell.send({ command: 'deploy' })
          },
        },
        { type: 'separator' },
        { label: 'Quit', click: quit },
      ]),
    )
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = cluster.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      refresh()
    }, refreshMs)
  })
  tray.on('click', show)
  refresh()
  return {
    destroy: () => {
      stop()
      clearTimeout(timer)
      tray.destroy()
    },
  }
}
