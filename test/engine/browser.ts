/** Chromium for the window's tests: an installed one, otherwise Debian's package where we may install it. */
import { existsSync } from 'node:fs'
import { installPackages } from './engine.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

export function findBrowser(say: (line: string) => void): { path: string; why?: undefined } | { path: undefined; why: string } {
  const given = process.env['ORRERY_TEST_BROWSER']
  if (given !== undefined && existsSync(given)) return { path: given }
  const find = () => places.find((place) => existsSync(place))
  const found = find() ?? (installPackages(['chromium'], say) ? find() : undefined)
  return found === undefined ? { path: undefined, why: 'no Chromium here, and it could not be installed' } : { path: found }
}
