/** What valid words of JSON stand for: numbers, texts without their escapes, instants. */
import { SCRATCH, SCRATCH_SIZE } from "./hash"
import { isDigit, QUOTE } from "./json"

/** The number that was read last. */
export let numberValue: f64 = 0
const powers = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
  1e22
], 16)

/**
 * Reads the valid number at `at`. False where it takes more than one rounding: what has at most fifteen digits, times or over a power of ten
 * that is a double itself, is rounded once, by the multiplication or division, as the parser does.
 */
export function readNumber(from: usize, end: usize): bool {
  let at = from
  const isNegative = load<u8>(at) == 45
  if (isNegative) at++
  let digits: u64 = 0
  let count = 0
  let exponent = 0
  let isFraction = false
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    if (byte == 46) isFraction = true
    else if (isDigit(byte)) {
      digits = digits * 10 + <u64>(byte - 48)
      if (digits != 0) count++
      if (count > 15) return false
      if (isFraction) exponent--
    } else break
  }
  if (at < end) {
    // An exponent, which begins with an e.
    at++
    const sign: u32 = load<u8>(at)
    if (sign == 43 || sign == 45) at++
    let power = 0
    for (; at < end; at++) {
      power = power * 10 + <i32>(load<u8>(at) - 48)
      if (power > 1000) return false
    }
    exponent += sign == 45 ? -power : power
  }
  let value = <f64>digits
  if (digits != 0 && exponent != 0) {
    if (exponent < -22 || exponent > 22) return false
    if (exponent < 0) value /= load<f64>(powers + 8 * <usize>(-exponent))
    else value *= load<f64>(powers + 8 * <usize>exponent)
  }
  numberValue = isNegative ? -value : value
  return true
}

/** How long the text is that was written last. */
export let plainLength: usize = 0

// @ts-ignore: decorator
@inline
function hexOf(byte: u32): u32 {
  return byte <= 57 ? byte - 48 : (byte | 32) - 87
}

// @ts-ignore: decorator
@inline
function unitAt(at: usize): u32 {
  return (hexOf(load<u8>(at)) << 12) | (hexOf(load<u8>(at + 1)) << 8) | (hexOf(load<u8>(at + 2)) << 4) | hexOf(load<u8>(at + 3))
}

/** Writes a valid text without its escapes, in UTF-8 and with a quote behind it, where half of a surrogate pair takes three bytes. False where it is too long. */
export function unescape(from: usize, end: usize): bool {
  if (end - from > SCRATCH_SIZE - 32) return false
  let to = SCRATCH
  for (let at = from; at < end; ) {
    const byte: u32 = load<u8>(at)
    if (byte != 92) {
      store<u8>(to++, byte)
      at++
      continue
    }
    const escaped: u32 = load<u8>(at + 1)
    at += 2
    if (escaped != 117) {
      let plain = escaped
      if (escaped == 98) plain = 8
      else if (escaped == 102) plain = 12
      else if (escaped == 110) plain = 10
      else if (escaped == 114) plain = 13
      else if (escaped == 116) plain = 9
      store<u8>(to++, plain)
      continue
    }
    let point = unitAt(at)
    at += 4
    if (point >= 0xd800 && point < 0xdc00 && at < end && load<u16>(at) == 0x755c) {
      const low = unitAt(at + 2)
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
        at += 6
      }
    }
    if (point < 0x80) store<u8>(to++, point)
    else if (point < 0x800) {
      store<u8>(to++, 0xc0 | (point >> 6))
      store<u8>(to++, 0x80 | (point & 63))
    } else if (point < 0x10000) {
      store<u8>(to++, 0xe0 | (point >> 12))
      store<u8>(to++, 0x80 | ((point >> 6) & 63))
      store<u8>(to++, 0x80 | (point & 63))
    } else {
      store<u8>(to++, 0xf0 | (point >> 18))
      store<u8>(to++, 0x80 | ((point >> 12) & 63))
      store<u8>(to++, 0x80 | ((point >> 6) & 63))
      store<u8>(to++, 0x80 | (point & 63))
    }
  }
  store<u8>(to, QUOTE)
  plainLength = to - SCRATCH
  return true
}

// @ts-ignore: decorator
@inline
function two(at: usize): i32 {
  const tens: u32 = <u32>load<u8>(at) - 48
  const ones: u32 = <u32>load<u8>(at + 1) - 48
  return tens < 10 && ones < 10 ? <i32>(tens * 10 + ones) : -10000
}

/** The last millisecond of the year 9999. */
export const LAST_MS: f64 = 253402300799999

/** The instant that was read last, in milliseconds since 1970. */
export let instant: f64 = NaN

/** Reads `2024-01-15T08:00:00.000Z`, with any fraction or none. False where it is written otherwise, or no such date. */
export function readInstant(at: usize): bool {
  const year = two(at) * 100 + two(at + 2)
  const month = two(at + 5)
  const day = two(at + 8)
  const hour = two(at + 11)
  const minute = two(at + 14)
  const second = two(at + 17)
  if (year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59) return false
  if (second < 0 || second > 59) return false
  if (load<u8>(at + 4) != 45 || load<u8>(at + 7) != 45 || load<u8>(at + 10) != 84) return false
  if (load<u8>(at + 13) != 58 || load<u8>(at + 16) != 58) return false
  const isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
  const days = month == 2 ? (isLeap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
  if (day > days) return false
  let millis = 0
  at += 19
  if (load<u8>(at) == 46) {
    let count = 0
    while (isDigit(load<u8>(++at))) {
      if (count < 3) millis = millis * 10 + <i32>(load<u8>(at) - 48)
      count++
    }
    if (count == 0) return false
    for (; count < 3; count++) millis *= 10
  }
  if (load<u8>(at) != 90 || load<u8>(at + 1) != QUOTE) return false
  // Years that begin in March, so that the leap day comes last.
  const marchYear = <i64>(month > 2 ? year : year - 1) + 400
  const sinceMarch = <i64>((month + 9) % 12)
  const dayOfAll =
    365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + (153 * sinceMarch + 2) / 5 + <i64>day - 1 - 865_565
  instant = <f64>(((dayOfAll * 24 + <i64>hour) * 60 + <i64>minute) * 60 + <i64>second) * 1000 + <f64>millis
  return true
}
