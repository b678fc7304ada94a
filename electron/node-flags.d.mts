export function nodeFlags(args: readonly string[]): string[]
