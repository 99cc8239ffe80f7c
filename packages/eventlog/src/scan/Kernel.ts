/** The WebAssembly kernel and its memory. `kernel/scan.ts` says what it does and what stands where. */
import * as EventIdentity from "@genesys-replay/domain/EventIdentity"
import * as EventTime from "@genesys-replay/domain/EventTime"
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
  seek(first: number, second: number, third: number, fourth: number, keyPaths: number): void
  hashBegin(): void
  hashRoot(): void
  pathPlace(): number
  hashKeyBegin(): void
  hashTake(length: number): void
  hashKeyEnd(): void
  hashIndex(index: number): void
  hashText(length: number): void
  hashLongBegin(): void
  hashLongEnd(): void
  hashNumber(value: number): void
  hashKind(kind: number): void
  hashFinish(): void
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
export const inputAt = 0x390000
/** Where the identities stand of the entries that were found last, as `kernel/identity.ts` describes them. */
export const identitiesAt = 0x250000
/** How long an identity is. */
export const identitySize = 32
/** Where the kernel takes what it is to hash, and how much of it at a time: a multiple of eight. */
export const scratchAt = 0x361000
/** See {@link scratchAt}. */
export const scratchSize = 0x7000
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
  /** Bits of what a value that stands here belongs to. */
  scope: number
}

const keyNode = (key: string): KeyNode => ({
  key: encoder.encode(key),
  children: new Map(),
  targets: 0,
  below: 0,
  scope: 0
})

/** A path that is looked for: the bit of its target, and the bits of what its value belongs to. */
interface Wanted {
  readonly path: FieldPath
  readonly target: number
  readonly scope?: number
}

const keyTree = (wanted: ReadonlyArray<Wanted>): KeyNode => {
  const root = keyNode("")
  for (const { path, scope = 0, target } of wanted) {
    let node = root
    for (const key of path) {
      const child = node.children.get(key) ?? keyNode(key)
      node.children.set(key, child)
      child.below |= 1 << target
      node = child
    }
    node.targets |= 1 << target
    node.scope |= scope
  }
  return root
}

/** Half of a surrogate pair has no bytes in UTF-8; only an escape can stand for it. */
const hasBytes = (path: FieldPath): boolean => path.every((key) => Buffer.from(key).toString() === key)

// With a time of its own, what has both is an envelope.
const detailType: FieldPath = ["detail-type"]
const source: FieldPath = ["source"]

/** Four words that nobody knows. */
export type Seed = readonly [number, number, number, number]

// The targets and scopes of `kernel/identity.ts`.
const contentScope = 1
const envelopeScope = 2
const placePaths: ReadonlyArray<Wanted> = [
  { path: ["detail", "topicName"], target: 0 },
  { path: ["detail-type"], target: 2 },
  { path: EventTime.ofBody, target: 3 },
  { path: EventTime.ofDetail, target: 4 },
  { path: EventTime.ofEnvelope, target: 5 }
]
const identityPaths: ReadonlyArray<Wanted> = [
  ...EventIdentity.content.map((path, at) => ({ path, target: at, scope: contentScope })),
  { path: ["source"], target: 6, scope: envelopeScope },
  { path: ["detail-type"], target: 2, scope: envelopeScope },
  { path: ["detail"], target: 7, scope: envelopeScope }
]
const keyPaths = (key: ReadonlyArray<FieldPath>): ReadonlyArray<Wanted> =>
  key.map((path, at) => ({ path, target: 8 + at, scope: contentScope }))
/** There are 32 bits, of which eight are not for the paths of a key. */
const mostKeyPaths = 24

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
    taken.lookFor(
      [layout.index, layout.group, eventTime, envelopeTime, detailType, source].flatMap((path, target) =>
        path === null ? [] : [{ path, target }]
      )
    )
    taken.exports.reset(!each)
    return taken
  }

  /** A kernel that reads identities: see `IdentityScanner.IdentityLayout`. */
  static acquireIdentity(key: ReadonlyArray<FieldPath> | undefined, [first, second, third, fourth]: Seed): Kernel {
    const taken = idle.pop() ?? new Kernel()
    const own = key === undefined ? identityPaths : keyPaths(key)
    taken.lookFor(own.length > mostKeyPaths ? [] : [...placePaths, ...own])
    taken.exports.reset(false)
    taken.exports.seek(first, second, third, fourth, key?.length ?? 0)
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
  private lookFor(wanted: ReadonlyArray<Wanted>): void {
    const fits =
      wanted.every(({ path }) => hasBytes(path)) &&
      wanted.reduce((sum, { path }) => sum + path.length, 0) < mostKeys &&
      wanted.flatMap(({ path }) => path).reduce((sum, key) => sum + 3 * key.length, 0) < keysEnd - keyBytesAt
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
      this.view.setInt32(at + 24, node.scope, true)
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
    write(keyTree(fits ? wanted : []))
  }
}
