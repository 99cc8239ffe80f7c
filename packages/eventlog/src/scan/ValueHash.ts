/** The kernel's hash of values that the parser has read: the very same as of their bytes. `kernel/hash.ts` says what it is. */
import type * as EventIdentity from "@genesys-replay/domain/EventIdentity"
import { type Kernel, scratchAt, scratchSize } from "./Kernel.js"

// Leaves by their kind, as the kernel has them.
const trueLeaf = 2
const falseLeaf = 3
const nullLeaf = 4
const objectLeaf = 5
const arrayLeaf = 6

/** The longest text that is hashed in one piece. */
const longestPlain = 127
const quote = 34

const surrogate = /[\ud800-\udfff]/
const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000

/** In UTF-8, in which half of a surrogate pair takes three bytes like its neighbours. */
const bytesOf = (text: string): Uint8Array => {
  if (!surrogate.test(text)) return Buffer.from(text)
  const bytes: Array<Uint8Array> = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isHigh(unit) && isLow(text.charCodeAt(at + 1))) at++
    else if (isHigh(unit) || isLow(unit)) {
      const half = Uint8Array.of(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63))
      bytes.push(Buffer.from(text.slice(from, at)), half)
      from = at + 1
    }
  }
  return Buffer.concat([...bytes, Buffer.from(text.slice(from))])
}

/** A value that waits, and the path that it stands at: four words. */
interface Waiting {
  readonly value: unknown
  readonly path: Int32Array
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null

/** Hashes the parts of identities with one kernel. */
export class ValueHash {
  private readonly place: number

  constructor(private readonly kernel: Kernel) {
    this.place = kernel.exports.pathPlace() / 4
  }

  /** The hash of the parts, in four words. */
  of(parts: ReadonlyArray<EventIdentity.Part>): Int32Array {
    const { exports } = this.kernel
    exports.hashBegin()
    for (const { path, value } of parts) {
      exports.hashRoot()
      for (const key of path) this.enterKey(key)
      this.add(value)
    }
    exports.hashFinish()
    return this.here()
  }

  private here(): Int32Array {
    return this.kernel.words.slice(this.place, this.place + 4)
  }

  private goTo(path: Int32Array): void {
    this.kernel.words.set(path, this.place)
  }

  /** However deep the value is, it takes no room on the stack. */
  private add(root: unknown): void {
    const waiting: Array<Waiting> = [{ value: root, path: this.here() }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.goTo(next.path)
      if (isContainer(next.value)) this.open(next.value, next.path, waiting)
      else this.addLeaf(next.value)
    }
  }

  private open(value: object, path: Int32Array, waiting: Array<Waiting>): void {
    const { exports } = this.kernel
    const members = Object.entries(value)
    if (members.length === 0) exports.hashKind(Array.isArray(value) ? arrayLeaf : objectLeaf)
    for (const [at, [key, member]] of members.entries()) {
      this.goTo(path)
      if (Array.isArray(value)) exports.hashIndex(at)
      else this.enterKey(key)
      if (isContainer(member)) waiting.push({ value: member, path: this.here() })
      else this.addLeaf(member)
    }
  }

  private addLeaf(value: unknown): void {
    const { exports } = this.kernel
    if (typeof value === "string") this.addText(bytesOf(value))
    else if (typeof value === "number") exports.hashNumber(value)
    else exports.hashKind(value === true ? trueLeaf : value === false ? falseLeaf : nullLeaf)
  }

  private addText(bytes: Uint8Array): void {
    const { exports } = this.kernel
    if (bytes.length > longestPlain) {
      exports.hashLongBegin()
      this.take(bytes)
      exports.hashLongEnd()
      return
    }
    this.kernel.bytes.set(bytes, scratchAt)
    this.kernel.bytes[scratchAt + bytes.length] = quote
    exports.hashText(bytes.length)
  }

  private enterKey(key: string): void {
    const { exports } = this.kernel
    exports.hashKeyBegin()
    this.take(bytesOf(key))
    exports.hashKeyEnd()
  }

  private take(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += scratchSize) {
      const piece = bytes.subarray(from, from + scratchSize)
      this.kernel.bytes.set(piece, scratchAt)
      this.kernel.exports.hashTake(piece.length)
    }
  }
}
