/** Names for `generateName`: upstream's alphabet, without vowels so that no words come out (apimachinery/pkg/util/rand). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longestBase = 63 - suffixLength

export function generateName(base: string, random: () => number): string {
  let name = base.slice(0, longestBase)
  for (let i = 0; i < suffixLength; i++) name += alphabet[Math.floor(random() * alphabet.length)]
  return name
}
