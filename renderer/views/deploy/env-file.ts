/** A pasted .env file as rows: `NAME=value`, quotes, `export`, comments. Names that look like secrets go to a Secret. Pure. */
export interface EnvLine { name: string; value: string; secret: boolean }

const secretName = /(^|_)(PASSWORD|PASSWD|PASS|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)(_|$)/i
export const looksSecret = (name: string): boolean => secretName.test(name)

export function parseEnvFile(text: string): EnvLine[] {
  const lines: EnvLine[] = []
  for (const raw of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*$/.exec(raw)
    if (!match) continue
    const [, name, rest] = match
    const quoted = /^(['"])(.*)\1(?:\s+#.*)?$/.exec(rest!)
    const value = quoted ? (quoted[1] === '"' ? quoted[2]!.replace(/\\n/g, '\n').replace(/\\(["\\])/g, '$1') : quoted[2]!) : rest!.replace(/\s+#.*$/, '')
    lines.push({ name: name!, value, secret: looksSecret(name!) })
  }
  return lines
}
