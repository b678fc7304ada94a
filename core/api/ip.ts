/** IP addresses and ranges as Kubernetes accepts them: no leading zeros, no IPv4 inside IPv6 notation for new values. */
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const v4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`)

export const isIpv4 = (text: string): boolean => v4.test(text)

export function isIpv6(text: string): boolean {
  if (!text.includes(':') || !/^[0-9a-fA-F:.]+$/.test(text)) return false
  const tail = text.slice(text.lastIndexOf(':') + 1)
  const plain = isIpv4(tail) ? `${text.slice(0, -tail.length)}0:0` : text
  const halves = plain.split('::')
  if (halves.length > 2 || plain.includes('.')) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8
}

export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text)

/** `10.9.8.0/24`; bits of the host must be zero. */
export function isCidr(text: string): boolean {
  const [address = '', length = '', more] = text.split('/')
  if (more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(length)) return false
  if (!isIpv4(address)) return isIpv6(address) && Number(length) <= 128
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return Number(length) <= 32 && bits % 2 ** (32 - Number(length)) === 0
}

export const cidrMessage = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
export const ipMessage = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
