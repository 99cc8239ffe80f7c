/** The files in a tar archive, one after another as they stand in it. */
import { Data, Effect } from "effect"
import { ByteReader, type Pull } from "./ByteReader.js"
import * as FilePath from "./FilePath.js"
import * as LogForm from "./LogForm.js"

/** Bytes that began like tar and went on otherwise, or broke off. */
export class DamagedTar extends Data.TaggedError("DamagedTar")<{ readonly reason: string }> {}

const damaged = (reason: string): DamagedTar => new DamagedTar({ reason: `tar: ${reason}` })

/** A file in the archive. What of `contents` is not taken is passed over. */
export interface Entry<E> {
  /** As the archive has it; see `FilePath`. */
  readonly name: string
  readonly size: number
  readonly contents: ByteReader<E | DamagedTar>
}

const block = 512
/** Longer descriptions of an entry are no descriptions. */
const longestDescription = 1_048_576

const field = (header: Uint8Array, from: number, length: number): Uint8Array => {
  const bytes = header.subarray(from, from + length)
  const end = bytes.indexOf(0)
  return end === -1 ? bytes : bytes.subarray(0, end)
}

/** A number in octal; a large one in binary, where the first bit says so. */
const numberAt = (header: Uint8Array, from: number, length: number): number => {
  const first = header[from] ?? 0
  if (first < 0x80)
    return Number.parseInt(
      Buffer.from(field(header, from, length))
        .toString("latin1")
        .trim() || "0",
      8
    )
  return header.subarray(from + 1, from + length).reduce((number, byte) => number * 256 + byte, first & 0x7f)
}

const nameIn = (header: Uint8Array): string => {
  const name = FilePath.fromBytes(field(header, 0, 100))
  const isUstar = Buffer.from(header.subarray(257, 263)).toString("latin1") === "ustar\u0000"
  const prefix = isUstar ? FilePath.fromBytes(field(header, 345, 155)) : ""
  return prefix === "" ? name : `${prefix}/${name}`
}

/** The records of an extended header: `<length> <key>=<value>` and a line feed, one after another. */
const recordsIn = (bytes: Uint8Array): ReadonlyMap<string, string> => {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(Buffer.from(bytes.subarray(at, at + 20)).toString("latin1"), 10)
    if (!(length > 0)) break
    const record = FilePath.fromBytes(bytes.subarray(at, at + length - 1))
    const key = record.indexOf(" ") + 1
    const value = record.indexOf("=", key)
    if (value !== -1) records.set(record.slice(key, value), record.slice(value + 1))
    at += length
  }
  return records
}

const regular = ["0", "\u0000", "7"]

/**
 * Reads the archive that `source` is and shows each file to `onEntry`. Directories and links are passed over. Fails with
 * {@link DamagedTar} where the archive breaks off, or goes on as something else.
 */
export const read = Effect.fnUntraced(function* <E, E2>(
  source: ByteReader<E>,
  onEntry: (entry: Entry<E>) => Effect.Effect<void, E2>
): Effect.fn.Return<void, E | E2 | DamagedTar> {
  let longName: string | undefined
  let extended: ReadonlyMap<string, string> = new Map()
  for (;;) {
    const header = (yield* source.peek(block)).slice(0, block)
    // Some writers leave the empty blocks out that end an archive.
    if (header.length === 0) return
    if (header.length < block) return yield* damaged("the archive breaks off")
    if (header.every((byte) => byte === 0)) return
    if (!LogForm.isTarHeader(header)) return yield* damaged("the archive goes on as something else")
    source.skip(block)
    const size = extended.has("size") ? Number(extended.get("size")) : numberAt(header, 124, 12)
    if (!Number.isSafeInteger(size) || size < 0) return yield* damaged("the size of a file in it is no number")
    let left = size
    const pull: Pull<E | DamagedTar> = Effect.suspend(() =>
      left === 0
        ? Effect.succeed(undefined)
        : Effect.flatMap(source.take(left), (piece) => {
            left -= piece?.length ?? 0
            return piece === undefined ? damaged("the archive breaks off") : Effect.succeed(piece)
          })
    )
    const contents = new ByteReader(pull)
    const kind = String.fromCharCode(header[156] ?? 0)
    if (kind === "x" || kind === "L") {
      if (size > longestDescription) return yield* damaged("the description of a file in it is too long")
      const description = (yield* contents.peek(size)).slice(0, size)
      if (kind === "x") extended = recordsIn(description)
      else longName = FilePath.fromBytes(field(description, 0, size))
    } else if (kind !== "g" && kind !== "K") {
      const name = extended.get("path") ?? longName ?? nameIn(header)
      if (regular.includes(kind) && !name.endsWith("/")) yield* onEntry({ name, size, contents })
      extended = new Map()
      longName = undefined
    }
    while ((yield* pull) !== undefined) {
      // What of it was not taken.
    }
    const padding = (block - (size % block)) % block
    yield* source.peek(padding)
    source.skip(padding)
  }
})
