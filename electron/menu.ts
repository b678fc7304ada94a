/** The application menu: the platform's usual entries, and the window's commands by the names the window uses. */
import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { ShellEvents } from './shell-events.ts'

export function applicationMenu(shell: ShellEvents): Menu {
  const isMac = process.platform === 'darwin'
  const go = (label: string, place: 'graph' | 'machines' | 'logs' | 'changes' | 'objects', key: string): MenuItemConstructorOptions => ({ label, accelerator: `CmdOrCtrl+${key}`, click: () => shell.send({ go: place }) })
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'Cluster',
      submenu: [
        { label: 'Deploy…', accelerator: 'CmdOrCtrl+N', click: () => shell.send({ command: 'deploy' }) },
        { label: 'Find or Run…', accelerator: 'CmdOrCtrl+K', click: () => shell.send({ command: 'palette' }) },
        { type: 'separator' },
        { label: 'Settings…', accelerator: 'CmdOrCtrl+,', click: () => shell.send({ command: 'settings' }) },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        go('Graph', 'graph', '1'),
        go('Machines', 'machines', '2'),
        go('Logs', 'logs', '3'),
        go('Changes', 'changes', '4'),
        go('Objects', 'objects', '5'),
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ]
  return Menu.buildFromTemplate(template)
}
