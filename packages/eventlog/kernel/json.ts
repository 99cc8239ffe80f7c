/** The words of JSON in a block of bytes, sixteen at a time: where they end, and whether they are valid. Zeros stand behind the block. */

export const LF: u32 = 10
export const QUOTE: u32 = 34
export const BACKSLASH: u32 = 92

// Kinds of values, and of the ends of tree branches.
export const NONE: i32 = 0
export const TEXT: i32 = 1
export const NUMBER: i32 = 2
export const WORD: i32 = 3
export const CONTAINER: i32 = 4
export const END: i32 = 5

/** Whether a line feed is a space inside a record. */
let lineFeedIsSpace: bool = false
/** Whether a text had an escape since it was asked for. */
let sawEscape: bool = false
/** Where the last thing stands that was not valid. */
export let failedAt: usize = 0

/** In lines, a line feed ends a record. */
export function spaceIs(lineFeed: bool): void {
  lineFeedIsSpace = lineFeed
}

// Strings

/** From behind the opening quote to the closing one; 0 where the text is not valid. */
// @ts-ignore: decorator
@inline
export function text(from: usize): usize {
  let at = from
  while (true) {
    const bytes = v128.load(at)
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
        i8x16.lt_s(bytes, i8x16.splat(32))
      )
    )
    if (special == 0) {
      at += 16
      continue
    }
    at += ctz(special)
    if (load<u8>(at) == QUOTE) return at
    return oddText(at)
  }
}

/** Goes on at a character that is not plain. */
function oddText(from: usize): usize {
  let at = from
  while (true) {
    const byte: u32 = load<u8>(at)
    if (byte == QUOTE) return at
    if (byte == BACKSLASH) {
      sawEscape = true
      const escaped: u32 = load<u8>(at + 1)
      if (escaped == 117) {
        if (!isHex(at + 2) || !isHex(at + 3) || !isHex(at + 4) || !isHex(at + 5)) return failed(at)
        at += 6
      } else if (
        escaped == QUOTE ||
        escaped == BACKSLASH ||
        escaped == 47 ||
        escaped == 98 ||
        escaped == 102 ||
        escaped == 110 ||
        escaped == 114 ||
        escaped == 116
      ) {
        at += 2
      } else return failed(at)
    } else if (byte >= 0x80) {
      const length = characterLength(at, byte)
      if (length == 0) return failed(at)
      at += length
    } else if (byte < 32) {
      return failed(at)
    } else {
      const bytes = v128.load(at)
      const special = i8x16.bitmask(
        v128.or(
          v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
          i8x16.lt_s(bytes, i8x16.splat(32))
        )
      )
      at += special == 0 ? 16 : ctz(special)
    }
  }
}

/** Whether a text had an escape since the last time. */
// @ts-ignore: decorator
@inline
export function takeEscape(): bool {
  const saw = sawEscape
  sawEscape = false
  return saw
}

export function failed(at: usize): usize {
  failedAt = at
  return 0
}

function isHex(at: usize): bool {
  const byte: u32 = load<u8>(at)
  const letter = byte | 32
  return byte - 48 < 10 || letter - 97 < 6
}

// @ts-ignore: decorator
@inline
function follows(at: usize): bool {
  return (load<u8>(at) & 0xc0) == 0x80
}

/** Bytes of the UTF-8 character at `at`; 0 where it is none (too long a form, a surrogate, beyond U+10FFFF, cut off). */
function characterLength(at: usize, first: u32): usize {
  if (first < 0xc2) return 0
  const second: u32 = load<u8>(at + 1)
  if (first < 0xe0) return (second & 0xc0) == 0x80 ? 2 : 0
  if (first < 0xf0) {
    const low: u32 = first == 0xe0 ? 0xa0 : 0x80
    const high: u32 = first == 0xed ? 0x9f : 0xbf
    return second >= low && second <= high && follows(at + 2) ? 3 : 0
  }
  if (first > 0xf4) return 0
  const low: u32 = first == 0xf0 ? 0x90 : 0x80
  const high: u32 = first == 0xf4 ? 0x8f : 0xbf
  return second >= low && second <= high && follows(at + 2) && follows(at + 3) ? 4 : 0
}

// Numbers and words

// @ts-ignore: decorator
@inline
export function isDigit(byte: u32): bool {
  return byte - 48 < 10
}

/** The end of the number at `at`; 0 where there is none. */
// @ts-ignore: decorator
@inline
export function number(from: usize): usize {
  let at = from
  let byte: u32 = load<u8>(at)
  if (byte == 45) byte = load<u8>(++at)
  if (byte == 48) {
    byte = load<u8>(++at)
  } else {
    if (!isDigit(byte)) return failed(at)
    do {
      byte = load<u8>(++at)
    } while (isDigit(byte))
  }
  if (byte != 46 && (byte | 32) != 101) return at
  return oddNumber(at)
}

function oddNumber(from: usize): usize {
  let at = from
  let byte: u32 = load<u8>(at)
  if (byte == 46) {
    byte = load<u8>(++at)
    if (!isDigit(byte)) return failed(at)
    do {
      byte = load<u8>(++at)
    } while (isDigit(byte))
  }
  if ((byte | 32) == 101) {
    byte = load<u8>(++at)
    if (byte == 43 || byte == 45) byte = load<u8>(++at)
    if (!isDigit(byte)) return failed(at)
    do {
      byte = load<u8>(++at)
    } while (isDigit(byte))
  }
  return at
}

/** The end of `true`, `false` or `null` at `at`; 0 where there is none of them. */
// @ts-ignore: decorator
@inline
export function word(at: usize): usize {
  const four = load<u32>(at)
  if (four == 0x65757274 || four == 0x6c6c756e) return at + 4
  if (four == 0x736c6166 && load<u8>(at + 4) == 101) return at + 5
  return failed(at)
}

// @ts-ignore: decorator
@inline
function isSpace(byte: u32): bool {
  return byte == 32 || byte == 9 || byte == 13 || (byte == LF && lineFeedIsSpace)
}

// @ts-ignore: decorator
@inline
export function space(from: usize): usize {
  let at = from
  while (load<u8>(at) <= 32 && isSpace(load<u8>(at))) at++
  return at
}

export function hasBackslash(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) if (load<u8>(at) == BACKSLASH) return true
  return false
}

/** How many line feeds there are. */
export function lineFeeds(from: usize, end: usize): u32 {
  let count: u32 = 0
  let at = from
  while (at < end) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(10)))
    if (at + 16 > end) found &= (1 << <i32>(end - at)) - 1
    count += popcnt(found)
    at += 16
  }
  return count
}
