/**
 * How Node is started: with a young generation that suits what will run in it. A small one keeps 80 MB less after a burst
 * of work and loses nothing in a home; with thousands of simulated nodes it took half of all CPU time for collections.
 */
const manyNodes = 100

/** @param {readonly string[]} args Orrery's own arguments */
export function nodeFlags(args) {
  const simulated = /simulated:(\d+)/.exec(args.join(' '))?.[1]
  return [`--max-semi-space-size=${Number(simulated ?? 0) > manyNodes ? 32 : 4}`]
}
