/** Bytes that were compressed with gzip: members one after another, each a header, compressed data, and a checksum. */
import { constants, crc32, createInflateRaw, gunzipSync, type InflateRaw, inflateRawSync } from "node:zlib"
import { Data, Effect, Predicate, type Scope } from "effect"
import type { ByteReader, Pull } from "./ByteReader.js"
import * as LogForm from "./LogForm.js"

/** Bytes that began like gzip and went on otherwise, or broke off. */
export class DamagedGzip extends Data.TaggedError("DamagedGzip")<{ readonly reason: string }> {}

const damaged = (reason: string): DamagedGzip => new DamagedGzip({ reason: `gzip: ${reason}` })

const brokenOff = "unexpected end of file"
const wrongSum = "the checksum does not match, so what was read of it may be wrong"
const trailer = "what follows the compressed data is no gzip, and was not read"

const trailerSize = 8
/** A header holds a name and a comment; longer ones are nonsense. */
const longestHeader = 1_048_576
/** A member that ends within so many bytes is decompressed in one step. */
const oneStep = 65_536
const mostAtOnce = 4 * 1_048_576
const mostTogether = 16 * 1_048_576
/** Ten bytes of header, two of data, and the trailer. */
const smallestMember = 20
/** How much is decompressed at a time. */
const stride = 65_536

const hasExtra = 4
const hasName = 8
const hasComment = 16
const hasSum = 2

/** How long the header is that `head` begins with; undefined where it is cut off. */
const headerLength = (head: Uint8Array): number | undefined => {
  const flags = head[3] ?? 0
  let length = 10
  if ((flags & hasExtra) !== 0) length += 2 + (head[10] ?? 0) + 256 * (head[11] ?? 0)
  for (const flag of [hasName, hasComment]) {
    if ((flags & flag) === 0) continue
    const end = head.indexOf(0, length)
    if (end === -1) return undefined
    length = end + 1
  }
  if ((flags & hasSum) !== 0) length += 2
  return head.length < length ? undefined : length
}

interface Sum {
  readonly crc: number
  readonly size: number
}

const summed = ({ crc, size }: Sum, bytes: Uint8Array): Sum => ({
  crc: crc32(bytes, crc),
  size: (size + bytes.length) % 2 ** 32
})

const matches = (told: Uint8Array, { crc, size }: Sum): boolean => {
  const view = new DataView(told.buffer, told.byteOffset, trailerSize)
  return view.getUint32(0, true) === crc && view.getUint32(4, true) === size
}

const none: Sum = { crc: 0, size: 0 }

interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** What `info: true` makes of the answer; the types do not say so. */
const isInflated = (value: unknown): value is Inflated =>
  Predicate.hasProperty(value, "buffer") && Predicate.hasProperty(value, "engine")

/** All of the member's data that `bytes` begin with; undefined where it is large, cut off, or damaged. */
const inflateAtOnce = (bytes: Uint8Array): { readonly data: Uint8Array; readonly length: number } | undefined => {
  try {
    const options = { info: true, finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostAtOnce }
    const inflated: unknown = inflateRawSync(bytes, options)
    const length = isInflated(inflated) ? inflated.engine.bytesWritten : bytes.length
    return isInflated(inflated) && length + trailerSize <= bytes.length ? { data: inflated.buffer, length } : undefined
  } catch {
    return undefined
  }
}

/** What is compressed in `bytes`, member by member, where it is small and sound; undefined otherwise. */
export const whole = (bytes: Uint8Array): ReadonlyArray<Uint8Array> | undefined => {
  const members: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; ) {
    const member = bytes.subarray(at)
    const header = LogForm.isGzip(member) ? headerLength(member) : undefined
    const inflated = header === undefined ? undefined : inflateAtOnce(member.subarray(header))
    if (header === undefined || inflated === undefined) return undefined
    const end = header + inflated.length
    if (!matches(member.subarray(end, end + trailerSize), summed(none, inflated.data))) return undefined
    members.push(inflated.data)
    at += end + trailerSize
  }
  return members
}

/**
 * What is compressed in each of `files`, which stand in `bytes` one behind the other, all at once: to begin anew for each takes longer than a
 * small one. Each has to be one sound member and no more, else this is undefined, and they are to be looked at one by one: the size that a
 * file tells at its end is that of its last member, so that the sizes of all add up to what there is only where nobody has others.
 */
export const together = (
  bytes: Uint8Array,
  files: ReadonlyArray<Uint8Array>
): ReadonlyArray<Uint8Array> | undefined => {
  if (!files.every((file) => LogForm.isGzip(file) && file.length >= smallestMember)) return undefined
  const sizes = files.map((file) => new DataView(file.buffer, file.byteOffset + file.length - 4, 4).getUint32(0, true))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > mostTogether) return undefined
  try {
    const data = gunzipSync(bytes, { maxOutputLength: total + 1, chunkSize: Math.max(64, total + 1) })
    if (data.length !== total) return undefined
    let end = 0
    return sizes.map((size) => {
      end += size
      return data.subarray(end - size, end)
    })
  } catch {
    return undefined
  }
}

/** What came of one step. */
interface Step {
  readonly data: Array<Uint8Array>
  /** How many bytes of the input were used up. */
  readonly used: number
  readonly isOver: boolean
  readonly failure: string | undefined
}

/** One large member, decompressed step by step on another thread. */
class Inflation {
  private readonly engine: InflateRaw = createInflateRaw({ chunkSize: 524_288 })
  private data: Array<Uint8Array> = []

  constructor() {
    this.engine.on("data", (bytes: Uint8Array) => this.data.push(bytes))
    // Whoever waits is told; an error that nobody listens to would end the process.
    this.engine.on("error", () => undefined)
  }

  /** Begins a step. Only one at a time. */
  step(bytes: Uint8Array): Promise<Step> {
    const { engine } = this
    const before = engine.bytesWritten
    return new Promise((resolve) => {
      const done = (isOver: boolean, failure?: string): void => {
        engine.off("error", onError).off("end", onEnd)
        const { data } = this
        this.data = []
        resolve({ data, used: engine.bytesWritten - before, isOver, failure })
      }
      const onError = (error: Error): void => done(true, error.message)
      const onEnd = (): void => done(true)
      // A write that fails is not called back, nor is one with bytes behind the end of the data.
      engine.once("error", onError).once("end", onEnd)
      engine.write(bytes, (error) => (error == null ? done(false) : undefined))
    })
  }

  close(): void {
    this.engine.destroy()
  }
}

/** Where the reader is: between members, in a large one, or behind all that can be read. */
type Place =
  | { readonly _tag: "Between"; readonly isFirst: boolean }
  | { readonly _tag: "Inside"; readonly inflation: Inflation; readonly step: Promise<Step>; readonly sum: Sum }
  | { readonly _tag: "Behind" }

/**
 * What `source` has compressed. Fails with {@link DamagedGzip} once all that can be read was read: where the data breaks off, goes on as
 * something else, or does not match its checksum, behind which the next member is read all the same. Zeros behind it are padding.
 */
export const unpack = Effect.fnUntraced(function* <E>(
  source: ByteReader<E>
): Effect.fn.Return<Pull<E | DamagedGzip>, never, Scope.Scope> {
  const ready: Array<Uint8Array> = []
  let place: Place = { _tag: "Between", isFirst: true }
  let failure: DamagedGzip | undefined
  yield* Effect.addFinalizer(() => Effect.sync(() => (place._tag === "Inside" ? place.inflation.close() : undefined)))

  const stop = (reason?: string): void => {
    if (place._tag === "Inside") place.inflation.close()
    failure ??= reason === undefined ? undefined : damaged(reason)
    place = { _tag: "Behind" }
  }

  const checked = Effect.fnUntraced(function* (sum: Sum) {
    const told = yield* source.peek(trailerSize)
    if (told.length < trailerSize) return stop(brokenOff)
    if (!matches(told, sum)) failure ??= damaged(wrongSum)
    source.skip(trailerSize)
    place = { _tag: "Between", isFirst: false }
  })

  const skipPadding = Effect.fnUntraced(function* () {
    for (let held = yield* source.peek(1); held[0] === 0; held = yield* source.peek(1)) {
      const end = held.findIndex((byte) => byte !== 0)
      source.skip(end === -1 ? held.length : end)
    }
  })

  const nextInput = Effect.map(source.peek(1), (held) => held.subarray(0, stride))

  const beginMember = Effect.fnUntraced(function* (isFirst: boolean) {
    if (!isFirst) yield* skipPadding()
    let head = yield* source.peek(2)
    if (head.length === 0) return stop()
    if (!LogForm.isGzip(head)) return stop(trailer)
    let header = headerLength(head)
    for (let size = 64; header === undefined && size <= longestHeader; size *= 2) {
      head = yield* source.peek(size)
      header = headerLength(head)
      if (head.length < size) break
    }
    if (header === undefined) return stop(brokenOff)
    if (head[2] !== 8) return stop("the compression method is not known")
    source.skip(header)
    const bytes = yield* source.peek(oneStep)
    const inflated = inflateAtOnce(bytes.subarray(0, oneStep))
    if (inflated !== undefined) {
      source.skip(inflated.length)
      ready.push(inflated.data)
      return yield* checked(summed(none, inflated.data))
    }
    const inflation = new Inflation()
    place = { _tag: "Inside", inflation, step: inflation.step(yield* nextInput), sum: none }
  })

  const goOn = Effect.fnUntraced(function* (inside: Extract<Place, { readonly _tag: "Inside" }>) {
    const { inflation } = inside
    const { data, failure, isOver, used } = yield* Effect.promise(() => inside.step)
    ready.push(...data)
    const sum = data.reduce(summed, inside.sum)
    source.skip(used)
    if (failure !== undefined) return stop(failure)
    if (isOver) {
      inflation.close()
      return yield* checked(sum)
    }
    const input = yield* nextInput
    if (input.length === 0) return stop(brokenOff)
    // Begun before the data is looked at, so that both are worked on at once.
    place = { ...inside, step: inflation.step(input), sum }
  })

  const next: Pull<E | DamagedGzip> = Effect.suspend(() => {
    const data = ready.shift()
    if (data !== undefined) return data.length === 0 ? next : Effect.succeed(data)
    if (place._tag === "Between") return Effect.zipRight(beginMember(place.isFirst), next)
    if (place._tag === "Inside") return Effect.zipRight(goOn(place), next)
    return failure === undefined ? Effect.succeed(undefined) : Effect.fail(failure)
  })
  return next
})
