import { Duplex } from 'node:stream'

/** The far end of a connection to a simulated Pod: answers every HTTP request with 200 and the Pod's name. */
export function answerHttp(podName: string): Duplex {
  const body = `${podName}\n`
  let asked = ''
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      asked += chunk.toString('latin1')
      if (asked.includes('\r\n\r\n')) {
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
