/** Menu, tray, dialogs, notifications, permissions: recorded, and worked by the spec's commands. */
import { EventEmitter } from 'node:events'
import type { Dialog, Menu as RealMenu, MenuItemConstructorOptions, NativeImage, Notification as RealNotification, NotificationConstructorOptions, Screen, Session, Shell, Tray as RealTray } from 'electron'
import { onCommand } from './control.ts'

export class Menu implements Pick<RealMenu, 'items'> {
  readonly items: RealMenu['items'] = []
  readonly template: MenuItemConstructorOptions[]

  constructor(template: MenuItemConstructorOptions[]) {
    this.template = template
  }
  static buildFromTemplate(template: MenuItemConstructorOptions[]): RealMenu {
    return new Menu(template) as unknown as RealMenu
  }
  static setApplicationMenu(menu: RealMenu | null): void {
    application = menu as unknown as Menu
  }
}
let application: Menu | undefined

const find = (items: MenuItemConstructorOptions[], path: string[]): MenuItemConstructorOptions | undefined => {
  const [label, ...rest] = path
  const item = items.find((one) => one.label === label)
  if (!item || rest.length === 0) return item
  return find((item.submenu as MenuItemConstructorOptions[]) ?? [], rest)
}
const click = (menu: Menu | undefined, path: string[]) => {
  const item = find(menu?.template ?? [], path)
  if (!item?.click) throw new Error(`no menu item ${path.join(' / ')}`)
  // The shell's handlers take no arguments.
  ;(item.click as () => void)()
}
onCommand('menu.click', (path: string[]) => click(application, path))

export class Tray extends EventEmitter implements Pick<RealTray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'destroy'> {
  tooltip = ''
  menu: Menu | undefined
  images = 0

  constructor(_image: NativeImage | string) {
    super()
    tray = this
  }
  setImage(_image: NativeImage | string): void {
    this.images++
  }
  setToolTip(text: string): void {
    this.tooltip = text
  }
  setContextMenu(menu: RealMenu | null): void {
    this.menu = menu as unknown as Menu
  }
  destroy(): void {
    tray = undefined
  }
}
let tray: Tray | undefined
onCommand('tray.state', () => tray && { tooltip: tray.tooltip, items: tray.menu?.template.map((item) => item.label ?? item.type) })
onCommand('tray.click', (path: string[]) => (path.length === 0 ? tray?.emit('click') : click(tray?.menu, path)))

let answer = { response: 0, checkboxChecked: false }
const asked: unknown[] = []
export const dialog: Pick<Dialog, 'showErrorBox'> & { showMessageBox(options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> } = {
  showErrorBox: (title, content) => void asked.push({ title, content }),
  showMessageBox: async (options) => {
    asked.push({ message: options.message, detail: options.detail, buttons: options.buttons, checkbox: options.checkboxLabel })
    return answer
  },
}
onCommand('dialog.answer', (next: typeof answer) => {
  answer = next
})
onCommand('dialog.asked', () => asked)

const png = Buffer.from('89504e470d0a1a0a', 'hex')
export const nativeImage = {
  createFromBuffer: (bytes: Buffer): NativeImage => {
    if (!bytes.subarray(0, png.length).equals(png)) throw new Error('not a PNG')
    return { isEmpty: () => false } as unknown as NativeImage
  },
}

const shownNotifications: NotificationConstructorOptions[] = []
export class Notification extends EventEmitter implements Pick<RealNotification, 'show'> {
  readonly options: NotificationConstructorOptions
  constructor(options: NotificationConstructorOptions) {
    super()
    this.options = options
  }
  static isSupported(): boolean {
    return true
  }
  show(): void {
    shownNotifications.push(this.options)
    last = this
  }
}
let last: Notification | undefined
onCommand('notifications', () => shownNotifications)
onCommand('notification.click', () => last?.emit('click'))

const opened: string[] = []
export const shell: Pick<Shell, 'openExternal'> = {
  openExternal: async (url) => void opened.push(url),
}
onCommand('shell.opened', () => opened)

export const screen: Pick<Screen, 'getAllDisplays'> = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } } as Electron.Display],
}

type RequestHandler = Parameters<Session['setPermissionRequestHandler']>[0]
type CheckHandler = Parameters<Session['setPermissionCheckHandler']>[0]
let request: RequestHandler = null
let check: CheckHandler = null
export const session: { defaultSession: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'> } = {
  defaultSession: {
    setPermissionRequestHandler: (handler) => {
      request = handler
    },
    setPermissionCheckHandler: (handler) => {
      check = handler
    },
  },
}
onCommand('permission', (name: 'media') =>
  new Promise((resolve) => {
    if (!request || !check) return resolve('unhandled')
    const checked = check(null, name, '', {} as Electron.PermissionCheckHandlerHandlerDetails)
    request({} as Electron.WebContents, name, (granted) => resolve(granted || checked), {} as Electron.PermissionRequest)
  }),
)
