/** What the names of files say of what is in them. */
import { basename } from "node:path"

const logs = ["ndjson", "jsonl", "json", "gz", "tgz", "tar"]

/** These hold events too, as likely as not; whoever opens them is told how to make them readable. */
const foreign = [
  "zst",
  "zstd",
  "bz2",
  "tbz2",
  "xz",
  "txz",
  "lzma",
  "lz4",
  "lz",
  "z",
  "zip",
  "7z",
  "snappy",
  "sz",
  "parquet",
  "avro"
]

/** Why a file was left out that has another ending. */
export const unlikely = "nothing about its name says that it holds events"

const endings = new Set([...logs, ...foreign])

/** `.ndjson`; no ending of a number, as those have that a rotation puts aside, or that end in a date. */
const ending = /^.+\.(?=[a-z0-9]*[a-z])([a-z0-9]{1,12})$/i

/** Whether a directory takes a file of this name for one of events: one with an ending of such files, or without any. */
export const holdsEvents = (path: string): boolean => {
  const name = basename(path).replace(/(?:[.-]\d+)+$/, "")
  const found = ending.exec(name)?.[1]
  return found === undefined || endings.has(found.toLowerCase())
}

/** Whether the name is not hidden: it begins with no dot. */
export const isShown = (path: string): boolean => !basename(path).startsWith(".")
