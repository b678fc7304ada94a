/** Why a metric says nothing now, in upstream's words. */
export class MetricError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MetricError'
  }
}
