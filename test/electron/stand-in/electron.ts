/**
 * A stand-in for the `electron` module where Electron's binary cannot be had: what the shell uses of it, mapped to
 * Debian's Chromium through Playwright. The shell's compiled main and preload run on it unchanged. Each member is typed by
 * the real electron.d.ts, so that a change of Electron's API does not compile here.
 *
 * A spec drives it over the process's message channel; see control.ts.
 */
export { app } from './app.ts'
export { BrowserWindow } from './browser-window.ts'
export { dialog, Menu, nativeImage, Notification, screen, session, shell, Tray } from './desktop.ts'
export { ipcMain, MessageChannelMain } from './ipc.ts'
export { protocol } from './protocol.ts'
