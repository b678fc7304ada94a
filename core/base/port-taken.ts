/** A port that was asked for by name is not free. The message says which, and what to do. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
}
