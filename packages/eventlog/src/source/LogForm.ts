/** What form a log has, told from its first bytes. Loads nothing: programs may look before they have loaded themselves. */
import { closeSync, openSync, readSync } from "node:fs"
import * as FilePath from "./FilePath.js"

/** A form that holds events and is not read. */
export interface Foreign {
  /** What it is called. */
  readonly name: string
  /** The command that writes its contents, given the file's name; null where there is no such command that everybody has. */
  readonly converter: string | null
}

/**
 * `lines`: objects that can be cut at line feeds. `gzip` and `tar`: logs are inside. `whole`: anything else, an array say. Or a form that
 * is not read.
 */
export type LogForm = "lines" | "whole" | "gzip" | "tar" | Foreign

/** Whether bytes that begin like this are compressed. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** So many bytes are enough to tell. */
export const headSize = 512

const utf16: Foreign = { name: "UTF-16 text", converter: "iconv -f UTF-16 -t UTF-8" }
const utf16Of = (order: "LE" | "BE"): Foreign => ({ ...utf16, converter: `iconv -f UTF-16${order} -t UTF-8` })

/** How files of other forms begin, byte by byte in hexadecimal. */
const foreign: ReadonlyArray<readonly [beginning: RegExp, Foreign]> = [
  [/^(?:28b52ffd|5.2a4d18)/, { name: "zstd", converter: "zstd -dc" }],
  [/^425a683[1-9](?:314159265359|177245385090)/, { name: "bzip2", converter: "bzip2 -dc" }],
  [/^fd377a585a00/, { name: "xz", converter: "xz -dc" }],
  [/^504b0(?:304|506|708)/, { name: "zip", converter: "unzip -p" }],
  [/^377abcaf271c/, { name: "7z", converter: "7z x -so" }],
  [/^04224d18/, { name: "lz4", converter: "lz4 -dc" }],
  [/^4c5a4950/, { name: "lzip", converter: "lzip -dc" }],
  [/^1f9d/, { name: "compress (.Z)", converter: "uncompress -c" }],
  [/^ff060000734e61507059/, { name: "snappy", converter: "snzip -dc" }],
  [/^504152(?:31|45)/, { name: "Parquet", converter: null }],
  [/^4f626a01/, { name: "Avro", converter: null }],
  [/^(?:fffe0000|0000feff)/, { name: "UTF-32 text", converter: "iconv -f UTF-32 -t UTF-8" }],
  [/^(?:fffe|feff)/, utf16],
  // Without a mark: an object or an array, every other byte of which is zero.
  [/^[57]b00(?!00)..00/, utf16Of("LE")],
  [/^00[57]b00(?!00)/, utf16Of("BE")]
]

/** More bytes than this tell none of them. */
const beginningSize = 16

/** A tar header holds the sum of its own bytes, the sum itself counted as spaces. */
export const isTarHeader = (head: Uint8Array): boolean => {
  if (head.length < 512) return false
  const told = Number.parseInt(Buffer.from(head.subarray(148, 156)).toString("latin1").trim(), 8)
  let sum = 0
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : (head[at] ?? 0)
  return sum === told && head[0] !== 0
}

const opensObject = /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*\{/

/** The form of what begins like this: with all of it, or with {@link headSize} bytes at least. */
export const of = (head: Uint8Array): LogForm => {
  if (isGzip(head)) return "gzip"
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const hex = bytes.toString("hex", 0, beginningSize)
  const other = foreign.find(([beginning]) => beginning.test(hex))
  if (other !== undefined) return other[1]
  if (opensObject.test(bytes.toString("latin1"))) return "lines"
  return isTarHeader(head) ? "tar" : "whole"
}

const headOf = (path: string): Uint8Array => {
  const file = openSync(FilePath.toSystem(path), "r")
  try {
    const head = new Uint8Array(4_096)
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** The form of the file at `path`. Throws where it can't be read. */
export const ofFile = (path: string): LogForm => of(headOf(path))
