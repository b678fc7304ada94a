/**
 * Links of a proxied page: those from the root of its host lead back through the proxy (upstream:
 * apimachinery/pkg/util/proxy/transport.go). Relative ones and those to other hosts stay as they are.
 */
const tag = /<[a-z][^<>]*>/gi
const linkAttribute = /(\s(?:action|archive|background|cite|classid|codebase|data|formaction|href|icon|longdesc|manifest|poster|profile|src|usemap)\s*=\s*)("[^"]*"|'[^']*')/gi

export interface ProxiedFrom {
  /** The path that stands for the root of the host, e.g. `/api/v1/namespaces/x/services/y/proxy`. */
  readonly prefix: string
  /** Names of that host in absolute links. */
  readonly hosts: readonly string[]
}

export function rewriteLink(link: string, { prefix, hosts }: ProxiedFrom): string {
  const absolute = /^(?:https?:)?\/\/([^/?#]*)(.*)$/i.exec(link)
  if (absolute && !hosts.includes(absolute[1]!)) return link
  const rest = absolute ? absolute[2]! || '/' : link
  if (!rest.startsWith('/')) return link
  return rest === prefix || rest.startsWith(`${prefix}/`) ? rest : `${prefix}${rest}`
}

export const rewritePage = (html: string, from: ProxiedFrom): string =>
  html.replace(tag, (whole) =>
    whole.replace(linkAttribute, (_, before: string, quoted: string) => `${before}${quoted[0]}${rewriteLink(quoted.slice(1, -1), from)}${quoted[0]}`),
  )
