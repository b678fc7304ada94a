/**
 * How Node is started: with a young generation that suits what will run in it. With containers a small one loses nothing,
 * since their engine is what a burst of work waits for, and keeps 80 MB less after it. Simulated machines wait for nothing:
 * there a small one takes a third of all CPU time for collections.
 */

/** @param {readonly string[]} args Orrery's own arguments */
export function nodeFlags(args) {
  return [`--max-semi-space-size=${/simulated:\d/.test(args.join(' ')) ? 32 : 4}`]
}
