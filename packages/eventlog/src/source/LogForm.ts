/** What form a log has, told from its first bytes. Loads nothing: programs may look before they have loaded themselves. */
import { closeSync, openSync, readSync } from "node:fs"
import * as FilePath from "./FilePath.js"
import * as ForeignForm from "./ForeignForm.js"

/**
 * `lines`: objects that can be cut at line feeds. `gzip` and `tar`: logs are inside. `whole`: anything else, an array say, or objects that
 * go over lines. Or a form that is not read.
 */
export type LogForm = "lines" | "whole" | "gzip" | "tar" | ForeignForm.ForeignForm

/** Whether bytes that begin like this are compressed. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** So many bytes are enough to tell. */
export const headSize = 512

/** A tar header holds the sum of its own bytes, the sum itself counted as spaces. */
export const isTarHeader = (head: Uint8Array): boolean => {
  if (head.length < 512) return false
  const told = Number.parseInt(Buffer.from(head.subarray(148, 156)).toString("latin1").trim(), 8)
  let sum = 0
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : (head[at] ?? 0)
  return sum === told && head[0] !== 0
}

const opensValue = /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*[{[]/

/** Whether bytes begin like a log: nobody waits for more of those. */
export const isLog = (bytes: Uint8Array): boolean =>
  // A zero behind the bracket: UTF-16.
  bytes[1] !== 0 && opensValue.test(Buffer.from(bytes.subarray(0, headSize)).toString("latin1"))

/** An object begins, and a line ends with it, or none ends here. */
const opensLine = /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*\{(?:[^\n]*$|[^\n]*\}[ \t\r]*\n)/

/** A first line that is longer is an object on it. */
const mostOfHead = 4_096

/** The form of what begins like this: with all of it, or with {@link headSize} bytes at least. */
export const of = (head: Uint8Array): LogForm => {
  if (isGzip(head)) return "gzip"
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, mostOfHead))
  if (!isLog(head)) return ForeignForm.of(bytes) ?? (isTarHeader(head) ? "tar" : "whole")
  if (opensLine.test(bytes.toString("latin1"))) return "lines"
  return isTarHeader(head) ? "tar" : "whole"
}

const headOf = (path: string): Uint8Array => {
  const file = openSync(FilePath.toSystem(path), "r")
  try {
    const head = new Uint8Array(mostOfHead)
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** The form of the file at `path`. Throws where it can't be read. */
export const ofFile = (path: string): LogForm => of(headOf(path))
