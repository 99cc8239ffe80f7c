/** Files that are read in one step each: there are many of them where a prefix of a bucket was copied. */
import { closeSync, openSync, readSync } from "node:fs"
import type { Layout } from "../scan/EventRecord.js"
import { LogTally } from "../scan/LogTally.js"
import { RecordScanner } from "../scan/RecordScanner.js"
import * as FilePath from "./FilePath.js"
import * as Gunzip from "./Gunzip.js"
import * as LogForm from "./LogForm.js"

/** All of a file; undefined where it can't be read, or became larger than `most`. */
const contentsOf = (path: string, most: number): Uint8Array | undefined => {
  try {
    const file = openSync(FilePath.toSystem(path), "r")
    try {
      const room = Buffer.allocUnsafe(most)
      let length = 0
      for (let count = -1; count !== 0 && length < most; length += count) {
        count = readSync(file, room, length, most - length, length)
      }
      return length < most ? room.subarray(0, length) : undefined
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

/** A file and how much was read of it. */
export interface Read {
  readonly bytes: number
  readonly lines: number
  /** How many of the tally's rejections are of this file and those before it. */
  readonly rejections: number
}

/** Reads small files, one after the other, into one tally. */
export class SmallFiles {
  readonly tally: LogTally
  private readonly scanner: RecordScanner

  constructor(layout: Layout, maxRejected: number) {
    this.tally = new LogTally(maxRejected)
    this.scanner = new RecordScanner(layout, this.tally)
  }

  /** Counts the file at `path`, planned with `size` bytes. Undefined, and nothing counted, where it is none that can be read at once. */
  read(path: string, size: number): Read | undefined {
    const contents = contentsOf(path, size + 1)
    const pieces = contents === undefined ? undefined : logIn(contents)
    if (contents === undefined || pieces === undefined) return undefined
    this.scanner.begin({ from: 0, times: "always" })
    for (const piece of pieces) this.scanner.push(piece)
    this.scanner.end()
    return { bytes: contents.length, lines: this.scanner.lines, rejections: this.tally.rejections.length }
  }

  /** The reader is used no more. */
  release(): void {
    this.scanner.release()
  }
}
