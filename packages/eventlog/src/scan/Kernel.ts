/** The WebAssembly kernel and its memory. `kernel/scan.ts` says what it does and what stands where. */
import type { Layout } from "./EventRecord.js"
import { envelopeTime, eventTime } from "./EventRecord.js"
import { kernel } from "./KernelBytes.js"
import type { FieldPath } from "./RecordField.js"

/** Compiled code; it can be posted to another thread. */
export interface KernelModule {
  readonly _: unique symbol
}

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The functions that the kernel exports. */
interface Exports {
  reset(mergeRuns: boolean): void
  begin(): void
  goOn(overLines: boolean, arrayState: number, linesBefore: number): void
  scanLines(from: number, end: number, isLast: boolean): number
  scanArray(from: number, end: number, isLast: boolean): number
  foundEntries(): number
  linesPassed(): number
  groupsKnown(): number
  isOutside(): number
  goesOverLines(): number
  isInRecord(): number
}

// Neither the ECMAScript library nor that of Node declares it.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => KernelModule
  readonly Memory: new (descriptor: { readonly initial: number }) => Memory
  readonly Instance: new (module: KernelModule, imports: object) => { readonly exports: Exports }
}

const keysAt = 0x10000
const keySize = 28
const keyBytesAt = 0x18000
const keysEnd = 0x20000
const mostKeys = 1_000
const groupsAt = 0x194000
const groupSize = 16
/** Where the entries stand that were found last, as `kernel/scan.ts` describes them. */
export const foundAt = 0x1e0000
/** How long an entry is. */
export const entrySize = 24
/** Where the bytes begin that are to be scanned. Before them stands what the kernel keeps. */
export const inputAt = 0x230000
/** The kernel looks so far behind the end of its input. */
const slack = 64
const pageSize = 65_536

/** The most entries that one call finds. */
export const mostFound = 10_000

let compiled: KernelModule | undefined

/** The code, compiled once in each thread. */
export const module = (): KernelModule => {
  compiled ??= new WebAssembly.Module(Buffer.from(kernel, "base64"))
  return compiled
}

/** Takes code that another thread has compiled. */
export const useModule = (module: KernelModule): void => {
  compiled = module
}

/** Kernels that nobody uses. A memory takes much address space, and the engine is slow to give it back. */
const idle: Array<Kernel> = []

const encoder = new TextEncoder()
interface KeyNode {
  readonly key: Uint8Array
  readonly children: Map<string, KeyNode>
  /** Bits of what stands here, and of what stands here or further down. */
  targets: number
  below: number
}

const keyNode = (key: string): KeyNode => ({ key: encoder.encode(key), children: new Map(), targets: 0, below: 0 })

const keyTree = (paths: ReadonlyArray<FieldPath | null>): KeyNode => {
  const root = keyNode("")
  for (const [target, path] of paths.entries()) {
    let node = root
    for (const key of path ?? []) {
      const child = node.children.get(key) ?? keyNode(key)
      node.children.set(key, child)
      child.below |= 1 << target
      node = child
    }
    if (path !== null) node.targets |= 1 << target
  }
  return root
}

/** Half of a surrogate pair has no bytes in UTF-8; only an escape can stand for it. */
const hasBytes = (path: FieldPath): boolean => path.every((key) => Buffer.from(key).toString() === key)

/** One instance of the kernel: its functions and its memory. */
export class Kernel {
  /** The functions. */
  readonly exports: Exports
  /** All of the memory; another array after {@link reserve}. */
  bytes: Buffer
  /** How many bytes of input there is room for. */
  capacity: number
  /** All of the memory, as other numbers. */
  floats: Float64Array
  words: Int32Array
  private readonly memory: Memory
  private view: DataView

  private constructor() {
    this.memory = new WebAssembly.Memory({ initial: inputAt / pageSize + 9 })
    this.exports = new WebAssembly.Instance(module(), {
      env: {
        memory: this.memory,
        abort: () => {
          throw new Error("the kernel stopped")
        }
      }
    }).exports
    this.bytes = Buffer.from(this.memory.buffer)
    this.floats = new Float64Array(this.memory.buffer)
    this.words = new Int32Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.capacity = this.bytes.length - inputAt - slack
  }

  /** A kernel that looks for the fields of `layout`; `each` makes every record an entry of its own. */
  static acquire(layout: Layout, each: boolean): Kernel {
    const taken = idle.pop() ?? new Kernel()
    taken.lookFor(layout)
    taken.exports.reset(!each)
    return taken
  }

  /** Gives the kernel back. It must not be used afterwards. */
  release(): void {
    if (this.capacity < 4_194_304 && idle.length < 4) idle.push(this)
  }

  /** Makes room for at least `size` bytes of input; what stands there stays. */
  reserve(size: number): void {
    if (size <= this.capacity) return
    this.memory.grow(Math.ceil((size - this.capacity) / pageSize))
    this.bytes = Buffer.from(this.memory.buffer)
    this.floats = new Float64Array(this.memory.buffer)
    this.words = new Int32Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.capacity = this.bytes.length - inputAt - slack
  }

  /** The name of the group `id`, which is not 0. */
  groupName(id: number): string {
    const literal = this.view.getUint32(groupsAt + id * groupSize, true)
    // The closing quote is counted too.
    const length = this.view.getUint32(groupsAt + id * groupSize + 4, true) - 1
    const name = Buffer.alloc(length)
    for (let at = 0; at < length; at++) name[at] = this.bytes[literal + Math.floor(at / 16) * 32 + (at % 16)] ?? 0
    return name.toString()
  }

  /** Writes the tree of keys. Where it has no room for them there are none, and every record is handed over. */
  private lookFor(layout: Layout): void {
    const paths = [layout.index, layout.group, eventTime, envelopeTime]
    const fits =
      paths.every((path) => path === null || (path.length < mostKeys / 4 && hasBytes(path))) &&
      paths.flatMap((path) => path ?? []).reduce((sum, key) => sum + 3 * key.length, 0) < keysEnd - keyBytesAt
    let count = 0
    let bytesAt = keyBytesAt
    const write = (node: KeyNode): number => {
      const id = count++
      const at = keysAt + id * keySize
      this.bytes.set(node.key, bytesAt)
      this.view.setUint32(at + 8, bytesAt, true)
      this.view.setUint32(at + 12, node.key.length, true)
      this.view.setInt32(at + 16, node.targets, true)
      this.view.setInt32(at + 20, node.below, true)
      bytesAt += node.key.length
      let first = -1
      for (const child of node.children.values()) {
        const written = write(child)
        this.view.setInt32(keysAt + written * keySize + 4, first, true)
        first = written
      }
      this.view.setInt32(at, first, true)
      return id
    }
    write(keyTree(fits ? paths : []))
  }
}
