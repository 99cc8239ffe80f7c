/** Files that are read in one step each: there are many of them where a prefix of a bucket was copied. */
import { closeSync, openSync, readSync } from "node:fs"
import type { RecordScanner } from "../scan/RecordScanner.js"
import * as FilePath from "./FilePath.js"
import * as Gunzip from "./Gunzip.js"
import * as LogForm from "./LogForm.js"

/** A file, and its size when it was planned. */
export interface SmallFile {
  readonly path: string
  readonly size: number
}

/** All of the file at `path`, read to the beginning of `room`; undefined where it can't be read, or became larger than `size`. */
const contentsOf = ({ path, size }: SmallFile, room: Uint8Array): Uint8Array | undefined => {
  try {
    const file = openSync(FilePath.toSystem(path), "r")
    try {
      // As long as it was when it was planned: there is no more.
      let length = readSync(file, room, 0, size + 1, 0)
      for (let count = length; count !== 0 && length < size; length += count) {
        count = readSync(file, room, length, size + 1 - length, length)
      }
      return length <= size ? room.subarray(0, length) : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

/** The log that a file holds, decompressed; undefined where it has to be looked at more closely. */
const logIn = (contents: Uint8Array): ReadonlyArray<Uint8Array> | undefined => {
  const pieces = LogForm.isGzip(contents) ? Gunzip.whole(contents) : [contents]
  const form = LogForm.of(pieces?.[0] ?? contents.subarray(0, 0))
  return form === "lines" || form === "whole" ? pieces : undefined
}

/** The logs that files hold, which stand in `bytes` one behind the other, as far as each can be read at once. */
const logsIn = (
  bytes: Uint8Array,
  files: ReadonlyArray<Uint8Array>
): ReadonlyArray<ReadonlyArray<Uint8Array> | undefined> => {
  const unpacked = Gunzip.together(bytes, files)
  return files.map((contents, at) => {
    const data = unpacked?.[at]
    const form = data === undefined ? undefined : LogForm.of(data)
    return data !== undefined && (form === "lines" || form === "whole") ? [data] : logIn(contents)
  })
}

/** So many files, and bytes of them, are looked at together. */
const mostFiles = 64
const mostBytes = 4 * 1_048_576

/** How much was read of a file. */
export interface Read {
  readonly bytes: number
  readonly lines: number
}

/** Reads small files, one after the other, with one scanner. */
export class SmallFiles {
  /** So many files are read together at the most. */
  static readonly most = mostFiles
  private room = Buffer.alloc(mostBytes)

  constructor(private readonly scanner: RecordScanner) {}

  /**
   * Scans some of `files`, from the one at `first` on, and says of each how much of it was read, before the next one is scanned. How many
   * they were: none, and nothing scanned, where the first is one that cannot be read at once.
   */
  read(files: ReadonlyArray<SmallFile>, first: number, scanned: (read: Read) => void): number {
    const contents: Array<Uint8Array> = []
    let end = 0
    for (const file of files.slice(first, first + mostFiles)) {
      if (contents.length > 0 && end + file.size >= this.room.length) break
      if (file.size >= this.room.length) this.room = Buffer.alloc(file.size + 1)
      const one = contentsOf(file, this.room.subarray(end))
      if (one === undefined) break
      end += one.length
      contents.push(one)
    }
    let count = 0
    for (const [at, pieces] of logsIn(this.room.subarray(0, end), contents).entries()) {
      if (pieces === undefined) break
      this.scanner.begin({ from: 0, times: "always" })
      for (const piece of pieces) this.scanner.push(piece)
      this.scanner.end()
      scanned({ bytes: contents[at]?.length ?? 0, lines: this.scanner.lines })
      count++
    }
    return count
  }
}
