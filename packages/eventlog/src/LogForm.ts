/** What form a file has, told from its first bytes. */
import { closeSync, openSync, readSync } from "node:fs"

/** `lines`: objects that can be cut at line feeds. `gzip`: compressed. `whole`: anything else, an array say. */
export type LogForm = "lines" | "gzip" | "whole"

/** Whether bytes that begin like this are compressed. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const opensObject = /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*\{/

const headOf = (path: string): Uint8Array => {
  const file = openSync(path, "r")
  try {
    const head = new Uint8Array(4_096)
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** The form of the file at `path`. Throws where it can't be read. */
export const ofFile = (path: string): LogForm => {
  const head = headOf(path)
  if (isGzip(head)) return "gzip"
  return opensObject.test(Buffer.from(head).toString("latin1")) ? "lines" : "whole"
}
