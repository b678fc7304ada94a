// A bundler plugin: what the Docker client loads for engines over SSH and for BuildKit sessions (ssh2, grpc, protobufjs) is
// loaded when it is used. At start it would cost 80 ms and 15 MB, and hardly anyone ever uses it.
const late = (name, file) => [`${name} = require('${file}')`, `${name} = function () { return require('${file}').apply(this, arguments) }`]
const changes = [
  [/docker-modem[\\/]lib[\\/]modem\.js$/, ...late('ssh', './ssh')],
  [/dockerode[\\/]lib[\\/]docker\.js$/, ...late('withSession', './session')],
]

export const leanDocker = {
  name: 'lean-docker',
  transform(code, id) {
    const change = changes.find(([file]) => file.test(id))
    if (change === undefined) return null
    const [, before, after] = change
    if (!code.includes(before)) throw new Error(`${id} is not as expected: ${before} not found`)
    return code.replace(before, after)
  },
}
