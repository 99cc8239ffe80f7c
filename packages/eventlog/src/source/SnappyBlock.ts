/**
 * Whether bytes begin like a block of snappy, which has no mark of its own. Source: google/snappy, format_description.txt. Loads nothing.
 */

/** So many bytes there are at the least: fewer are no events, compressed or not, and too few to tell. */
const leastSize = 64

/** The length of the text before it was compressed, seven bits a byte, and where it ends; undefined where it is none of 128 bytes or more. */
const declared = (bytes: Uint8Array): { readonly length: number; readonly end: number } | undefined => {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return at > 0 && length < 2 ** 32 ? { length, end: at + 1 } : undefined
  }
  return undefined
}

/** A number of `size` bytes, the lowest first. */
const numberAt = (bytes: Uint8Array, at: number, size: number): number => {
  let number = 0
  for (let index = 0; index < size; index++) number += (bytes[at + index] ?? 0) * 2 ** (8 * index)
  return number
}

/** The element at `at`: how many bytes it takes, how many of text it stands for, and from how far back it copies them; 0 for new text. */
const elementAt = (bytes: Uint8Array, at: number) => {
  const tag = bytes[at] ?? 0
  const upper = tag >> 2
  switch (tag & 3) {
    case 0: {
      const more = Math.max(0, upper - 59)
      const text = more === 0 ? upper + 1 : numberAt(bytes, at + 1, more) + 1
      return { size: 1 + more + text, text, back: 0, isCopy: false }
    }
    case 1:
      return { size: 2, text: 4 + (upper & 7), back: (tag >> 5) * 256 + (bytes[at + 1] ?? 0), isCopy: true }
    case 2:
      return { size: 3, text: upper + 1, back: numberAt(bytes, at + 1, 2), isCopy: true }
    default:
      return { size: 5, text: upper + 1, back: numberAt(bytes, at + 1, 4), isCopy: true }
  }
}

/** Whether these bytes begin like a block whose text is an object or an array: all of its elements that are here fit together. */
export const isBeginning = (bytes: Uint8Array): boolean => {
  const header = bytes.length < leastSize ? undefined : declared(bytes)
  if (header === undefined) return false
  const first = elementAt(bytes, header.end)
  const opening = bytes[header.end + first.size - first.text]
  if (first.isCopy || (opening !== 0x7b && opening !== 0x5b)) return false
  let made = 0
  // Of what may be cut off at the end nothing is known.
  for (let at = header.end; at + 5 <= bytes.length && made < header.length; ) {
    const { back, isCopy, size, text } = elementAt(bytes, at)
    if (isCopy && (back === 0 || back > made)) return false
    made += text
    at += size
  }
  return made <= header.length
}
