/**
 * The program that holds a Pod's namespaces, written out as a static ELF file without any compiler. It ignores SIGCHLD, so
 * that the kernel collects its children (orphans of the Pod where it is process 1), blocks SIGINT and SIGTERM, waits
 * for one of them and exits with 0. Blocked signals reach process 1 too, which otherwise ignores what it doesn't handle.
 */
export type Arch = 'x64' | 'arm64'

const loadAddress = 0x400000n
const headersSize = 64 + 56
/** Both architectures share this layout of the kernel's sigaction: handler (1 is SIG_IGN), flags, restorer, mask. */
const ignoreAction = [1n, 0n, 0n, 0n]
/** Bit n-1 is signal n: SIGINT 2, SIGTERM 15. */
const endSignals = [0x4002n]

export function pauseProgram(arch: Arch): Uint8Array {
  const code = arch === 'x64' ? x64() : arm64()
  const size = headersSize + code.length
  const file = new Uint8Array(size)
  const view = new DataView(file.buffer)
  const u16 = (at: number, value: number) => view.setUint16(at, value, true)
  const u32 = (at: number, value: number) => view.setUint32(at, value, true)
  const u64 = (at: number, value: bigint) => view.setBigUint64(at, value, true)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // ELF, 64 bit, little endian
  u16(16, 2) // executable
  u16(18, arch === 'x64' ? 62 : 183)
  u32(20, 1)
  u64(24, loadAddress + BigInt(headersSize)) // entry
  u64(32, 64n) // program headers start
  u16(52, 64)
  u16(54, 56)
  u16(56, 1)
  u32(64, 1) // PT_LOAD
  u32(68, 5) // read, execute
  u64(80, loadAddress)
  u64(88, loadAddress)
  u64(96, BigInt(size))
  u64(104, BigInt(size))
  u64(112, 0x10000n)
  file.set(code, headersSize)
  return file
}

function x64(): Uint8Array {
  const bytes: number[] = []
  const imm32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]
  const eax = (n: number) => bytes.push(0xb8, ...imm32(n))
  const r10 = (n: number) => bytes.push(0x41, 0xba, ...imm32(n))
  const syscall = () => bytes.push(0x0f, 0x05)
  const references: { at: number; to: 'action' | 'set' }[] = []
  const address = (opcode: number, to: 'action' | 'set') => {
    bytes.push(0x48, 0x8d, opcode) // lea reg, [rip + offset]
    references.push({ at: bytes.length, to })
    bytes.push(0, 0, 0, 0)
  }
  const rsi = 0x35
  const rdi = 0x3d

  eax(13) // rt_sigaction(SIGCHLD, action, 0, 8)
  bytes.push(0xbf, ...imm32(17))
  address(rsi, 'action')
  bytes.push(0x31, 0xd2)
  r10(8)
  syscall()
  eax(14) // rt_sigprocmask(SIG_BLOCK, set, 0, 8)
  bytes.push(0x31, 0xff)
  address(rsi, 'set')
  bytes.push(0x31, 0xd2)
  r10(8)
  syscall()
  const again = bytes.length
  eax(128) // rt_sigtimedwait(set, 0, 0, 8)
  address(rdi, 'set')
  bytes.push(0x31, 0xf6, 0x31, 0xd2)
  r10(8)
  syscall()
  bytes.push(0x85, 0xc0, 0x7e) // interrupted: wait on
  bytes.push((again - (bytes.length + 1)) & 255)
  eax(60) // exit(0)
  bytes.push(0x31, 0xff)
  syscall()
  return withData(bytes, references.map(({ at, to }) => ({ to, put: (offset: number) => bytes.splice(at, 4, ...imm32(offset - (at + 4))) })))
}

function arm64(): Uint8Array {
  const words: number[] = []
  const set = (register: number, value: number) => words.push((0xd2800000 | (value << 5) | register) >>> 0) // movz
  const svc = () => words.push(0xd4000001)
  const references: { at: number; register: number; to: 'action' | 'set' }[] = []
  const address = (register: number, to: 'action' | 'set') => {
    references.push({ at: words.length, register, to })
    words.push(0)
  }
  const call = (number: number) => {
    set(8, number)
    svc()
  }

  set(0, 17) // rt_sigaction(SIGCHLD, action, 0, 8)
  address(1, 'action')
  set(2, 0)
  set(3, 8)
  call(134)
  set(0, 0) // rt_sigprocmask(SIG_BLOCK, set, 0, 8)
  address(1, 'set')
  set(2, 0)
  set(3, 8)
  call(135)
  const again = words.length
  address(0, 'set') // rt_sigtimedwait(set, 0, 0, 8)
  set(1, 0)
  set(2, 0)
  set(3, 8)
  call(137)
  words.push(0x7100001f) // cmp w0, #0
  words.push((0x5400000d | (((again - words.length) & 0x7ffff) << 5)) >>> 0) // b.le again
  set(0, 0) // exit(0)
  call(93)
  const bytes: number[] = []
  const emit = () => {
    bytes.length = 0
    for (const word of words) bytes.push(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, (word >>> 24) & 255)
  }
  emit()
  return withData(bytes, references.map(({ at, register, to }) => ({
    to,
    put: (offset: number) => {
      const distance = offset - at * 4
      words[at] = (0x10000000 | ((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5) | register) >>> 0 // adr
      emit()
    },
  })))
}

/** Appends the constants at eight bytes' alignment and lets every reference to them be filled in. */
function withData(code: number[], references: readonly { to: 'action' | 'set'; put: (offset: number) => void }[]): Uint8Array {
  const start = Math.ceil(code.length / 8) * 8
  const offsets = { action: start, set: start + ignoreAction.length * 8 }
  for (const { to, put } of references) put(offsets[to])
  const all = new Uint8Array(offsets.set + endSignals.length * 8)
  all.set(code)
  const view = new DataView(all.buffer)
  ;[...ignoreAction, ...endSignals].forEach((value, i) => view.setBigUint64(start + i * 8, value, true))
  return all
}
