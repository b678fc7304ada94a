import { Duplex } from 'node:stream'

/** The far end of a connection to a simulated Pod: answers every HTTP request with 200 and the Pod's name, or with the metrics it is declared to tell. */
export function answerHttp(podName: string, metrics?: string): Duplex {
  let asked = ''
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      asked += chunk.toString('latin1')
      if (asked.includes('\r\n\r\n')) {
        const body = metrics !== undefined && asked.startsWith('GET /metrics') ? exposition(metrics) : `${podName}\n`
        asked = ''
        this.push(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`)
        this.push(null)
      }
      done()
    },
    final(done) {
      this.push(null)
      done()
    },
  })
}

/** `queue=30,busy=2` as programs tell it. */
const exposition = (metrics: string): string => metrics.split(',').map((one) => `${one.trim().replace('=', ' ')}\n`).join('')
