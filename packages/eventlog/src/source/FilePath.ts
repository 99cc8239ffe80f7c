/**
 * Paths as text, also those that are no text: a system keeps names as bytes, and not all of them are UTF-8. A byte that is none stands for
 * itself as half of a surrogate pair, U+DC80 to U+DCFF, which no UTF-8 has (Python's "surrogateescape"). Loads nothing.
 */
import { isUtf8 } from "node:buffer"

const escapes = 0xdc00
const escaped = /[\u{dc80}-\u{dcff}]/u

/** How long the character is that begins with this byte. */
const lengthOf = (lead: number): number => (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)

/** The name that these bytes are. */
export const fromBytes = (bytes: Uint8Array): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf8(buffer)) return buffer.toString()
  let name = ""
  for (let at = 0; at < buffer.length; ) {
    const byte = buffer[at] ?? 0
    const character = buffer.subarray(at, at + (byte < 0x80 ? 1 : lengthOf(byte)))
    const isText = isUtf8(character)
    name += isText ? character.toString() : String.fromCharCode(escapes + byte)
    at += isText ? character.length : 1
  }
  return name
}

/** The path as the functions of `node:fs` take it. */
export const toSystem = (path: string): string | Buffer =>
  escaped.test(path)
    ? Buffer.concat(
        Array.from(path, (character) => {
          const code = character.codePointAt(0) ?? 0
          return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - escapes) : Buffer.from(character)
        })
      )
    : path

/** The name as a program finds it among its arguments: a byte that is no UTF-8 is U+FFFD there, whichever it was. */
export const asArgument = (name: string): string => Buffer.from(toSystem(name)).toString()
