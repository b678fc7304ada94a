/** A tooltip as an attachment: `{@attach tooltip(() => ({ text, keys }))}`. It repeats what the element's name says, never more. */
import type { Attachment } from 'svelte/attachments'

export interface TooltipText {
  text: string
  keys?: string | undefined
}

const delayMs = 450

export const tooltip = (content: () => TooltipText | undefined): Attachment<HTMLElement> => (target) => {
  let tip: HTMLElement | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const hide = () => {
    clearTimeout(timer)
    tip?.remove()
    tip = undefined
  }
  const show = () => {
    const now = content()
    if (!now || !target.isConnected) return
    hide()
    tip = document.createElement('div')
    tip.className = 'tooltip'
    tip.setAttribute('role', 'tooltip')
    tip.append(now.text)
    if (now.keys !== undefined) {
      const keys = document.createElement('kbd')
      keys.append(now.keys)
      tip.append(keys)
    }
    document.body.append(tip)
    const at = target.getBoundingClientRect()
    const size = tip.getBoundingClientRect()
    const below = at.bottom + 6 + size.height < window.innerHeight
    tip.style.left = `${Math.max(6, Math.min(window.innerWidth - size.width - 6, at.left + at.width / 2 - size.width / 2))}px`
    tip.style.top = `${below ? at.bottom + 6 : at.top - size.height - 6}px`
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(show, delayMs)
  }
  const focused = () => target.matches(':focus-visible') && soon()
  const on: [string, () => void][] = [['pointerenter', soon], ['pointerleave', hide], ['pointerdown', hide], ['focus', focused], ['blur', hide]]
  for (const [name, fn] of on) target.addEventListener(name, fn)
  return () => {
    hide()
    for (const [name, fn] of on) target.removeEventListener(name, fn)
  }
}
