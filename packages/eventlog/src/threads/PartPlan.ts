/** Into which parts files are cut, and by how many threads they are read. Loads nothing: programs may plan before they have loaded themselves. */
import { existsSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import type { LogPart } from "./LogPart.js"

/** How files are read. */
export interface Threads {
  /** The script that the other threads run; undefined where there are none. */
  readonly script: URL | undefined
  /** How many threads there are, this one included. */
  readonly count: number
  /** Files of fewer bytes, taken together, are not worth starting a thread. */
  readonly worthwhile: number
  /** No file is cut into parts smaller than this. */
  readonly smallestPart: number
  /** Nor into larger ones; undefined where what is found in a part takes no more memory for a large one. */
  readonly largestPart?: number | undefined
}

/** As many threads as there are processors, up to 16; one where `script` is not there: in the sources, say, or in a bundle. */
export const standard = (script: URL | undefined): Threads => {
  const isThere = script !== undefined && existsSync(fileURLToPath(script))
  return {
    script: isThere ? script : undefined,
    count: isThere ? Math.min(availableParallelism(), 16) : 1,
    worthwhile: 64 * 1_048_576,
    smallestPart: 16 * 1_048_576
  }
}

/** Files of fewer bytes are read in one step each. */
export const smallFile = ({ smallestPart }: Threads): number => Math.floor(smallestPart / 16)

/** Of files of which every event is kept, no part is larger: its events have to fit into the memory of a thread. */
export const largestPartOfEvents = 256 * 1_048_576

/** How many rejected records are shown, unless told. */
export const mostRejected = 10

/** 64 MiB of indices: with more of them, times are looked for in all that was read. Longer lists of edges are not kept, over all parts of a log. */
export const mostEdges = 16 * 1_048_576

/** A file that can be read in parts. */
export interface SplittableFile {
  readonly path: string
  readonly size: number
  /** Whether it can be cut at line feeds. */
  readonly isLines: boolean
}

/** Cuts files into parts: large ones first, small ones at the end, so that all threads finish at the same time. */
export const split = (
  files: ReadonlyArray<SplittableFile>,
  threads: Threads
): ReadonlyArray<ReadonlyArray<LogPart>> => {
  let rest = files.reduce((sum, { size }) => sum + size, 0)
  const largest = threads.largestPart ?? Number.POSITIVE_INFINITY
  const mayCut = (threads.count > 1 && rest >= threads.worthwhile) || rest > largest
  return files.map(({ isLines, path, size }) => {
    const parts: Array<LogPart> = []
    let from = 0
    while (mayCut && isLines) {
      const length = Math.min(largest, Math.max(threads.smallestPart, Math.floor(rest / (2 * threads.count))))
      if (size - from < length + threads.smallestPart) break
      parts.push({ path, from, to: from + length, size })
      from += length
      rest -= length
    }
    // The last part goes to the end, wherever that is by then.
    parts.push({ path, from, to: Number.POSITIVE_INFINITY, size })
    rest -= size - from
    return parts
  })
}
