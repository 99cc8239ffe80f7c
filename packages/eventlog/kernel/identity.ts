/**
 * The identity of a record: what `scan.ts` does for its index, done for the hash of what makes it one event. `identify` walks the tree of
 * notes where the record is made like one before, and so knows the path of every value without looking at a key; `parseIdentity` reads any
 * other, token by token. Whatever neither can prove equal to the parser's answer (an escape in a key that counts, duplicate keys, a number
 * that takes more than one division) is `unusual`: somebody else has to read it.
 */
import * as hash from "./hash"
import {
  ARRAY,
  CONTAINER,
  copyLiteral,
  END,
  emitAs,
  failed,
  hasBackslash,
  isDigit,
  isLiteral,
  KEY_SIZE,
  KEYS,
  keyNamed,
  LITERALS,
  LITERALS_END,
  NO_KEY,
  NONE,
  number,
  NUMBER,
  QUOTE,
  readGroupValue,
  setUnusual,
  space,
  STARTS,
  takeEscape,
  TEXT,
  text,
  TREE,
  word,
  WORD
} from "./scan"

/** One frame for each open container, 32 bytes: its key node, its scopes, its path, the index of the element. */
const FRAMES: usize = 0x230000
const FRAME_SIZE: usize = 32
const DEEPEST: i32 = 4000
/** Beside each entry that was found: its hash, its time (f64), whether that stands in the body. 32 bytes. */
const IDENTITIES: usize = 0x250000
const IDENTITY_SIZE: usize = 32
/** Paths of the record's keys, to find those that come twice: 16 bytes each, the path's first half and the record's number. */
const SEEN: usize = 0x370000
const SEEN_SLOTS: u32 = 4096
const MOST_SEEN: i32 = 2000
/** Sums of empty containers, for structures that have some: one for each scope. */
const CONSTANTS: usize = 0x380000
const MOST_CONSTANTS: i32 = 1000
/** The notes of a record: 20 bytes for each value. */
const NOTES: usize = 0x30000
const NOTE_SIZE: usize = 20
const MOST_NOTES: i32 = 1000
const NODE_SIZE: usize = 64
const MOST_NODES: i32 = 4000

// What the caller looks for: one bit each in a key node. Behind them, the paths of a key.
const TOPIC_NAME: i32 = 0
const BODY: i32 = 1
const DETAIL_TYPE: i32 = 2
const BODY_TIME: i32 = 3
const DETAIL_TIME: i32 = 4
const ENVELOPE_TIME: i32 = 5
const SOURCE: i32 = 6
const DETAIL: i32 = 7
const KEY_PATHS: i32 = 8
const TARGETS: i32 = 32

// What a value belongs to.
const CONTENT: i32 = 1
const ENVELOPE: i32 = 2

const kinds = memory.data(4 * 32, 16)
const places = memory.data(4 * 32, 16)
const notes = memory.data(4 * 32, 16)
/** Sums of the two scopes, and of the empty containers in them. */
const sums = memory.data(4 * 64, 16)
const empties: usize = sums + 128

/** How many paths a key has; 0 where there is none. */
let keyPaths: i32 = 0

let recordNumber: u64 = 0
let seenCount: i32 = 0
let noteCount: i32 = 0
let emptyCount: i32 = 0
let isOdd: bool = false
let isLearnable: bool = false

let treeRoot: usize = 0
let treeCount: i32 = 0
let constantCount: i32 = 0
let literalsEnd: usize = 0
let walked: u32 = 0
let parsed: u32 = 0
let growing: bool = true

// The record that was read last.
let recordFrom: usize = 0
let recordTo: usize = 0
let recordScope: usize = 0
let recordTime: f64 = NaN
let isTimeInBody: bool = false
let topicAt: usize = 0

/** Forgets everything: other paths stand in `KEYS` now, and there is another seed. */
export function resetIdentity(low: u64, high: u64, paths: i32): void {
  hash.setSeed(low, high)
  keyPaths = paths
  treeRoot = 0
  treeCount = 0
  constantCount = 0
  literalsEnd = LITERALS
  walked = 0
  parsed = 0
  growing = true
  recordNumber = 0
  memory.fill(SEEN, 0, <usize>SEEN_SLOTS * 16)
}

// Values

let numberValue: f64 = 0
const powers = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
  1e22
], 16)

/**
 * Reads the valid number at `at`. False where it takes more than one rounding: what has at most fifteen digits, times or over a power of ten
 * that is a double itself, is rounded once, by the multiplication or division, as the parser does.
 */
function readNumber(from: usize, end: usize): bool {
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

let plainLength: usize = 0

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
function unescape(from: usize, end: usize): bool {
  if (end - from > hash.SCRATCH_SIZE - 32) return false
  let to = hash.SCRATCH
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
  plainLength = to - hash.SCRATCH
  return true
}

/** Adds the value from `from` to `end` to one sum. False where somebody else has to read it. */
// @ts-ignore: decorator
@inline
function addTo(kind: i32, from: usize, end: usize, hasEscape: bool, numbers: usize, sum: usize): bool {
  if (kind == TEXT) {
    if (!hasEscape) hash.addText(from, end - from, numbers, sum)
    else {
      if (!unescape(from, end)) return false
      hash.addText(hash.SCRATCH, plainLength, numbers, sum)
    }
    return true
  }
  if (kind == NUMBER) {
    if (!readNumber(from, end)) return false
    hash.addNumber(numberValue, numbers, sum)
    return true
  }
  const first: u32 = load<u8>(from)
  hash.addKind(first == 116 ? hash.TRUE_LEAF : first == 102 ? hash.FALSE_LEAF : hash.NULL_LEAF, numbers, sum)
  return true
}

/** Adds a value to the sums of its scopes. */
// @ts-ignore: decorator
@inline
function add(kind: i32, from: usize, end: usize, hasEscape: bool, numbers: usize, scopes: i32): bool {
  if ((scopes & CONTENT) != 0 && !addTo(kind, from, end, hasEscape, numbers, sums)) return false
  if ((scopes & ENVELOPE) != 0 && !addTo(kind, from, end, hasEscape, numbers, sums + hash.SUM_SIZE)) return false
  return true
}

// Times

// @ts-ignore: decorator
@inline
function two(at: usize): i32 {
  const tens: u32 = <u32>load<u8>(at) - 48
  const ones: u32 = <u32>load<u8>(at + 1) - 48
  return tens < 10 && ones < 10 ? <i32>(tens * 10 + ones) : -10000
}

const LAST_MS: f64 = 253402300799999

/** Reads `2024-01-15T08:00:00.000Z`, with any fraction or none. False where it is written otherwise, or no such date. */
function readInstant(at: usize): bool {
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
  recordTime = <f64>(((dayOfAll * 24 + <i64>hour) * 60 + <i64>minute) * 60 + <i64>second) * 1000 + <f64>millis
  return true
}

/** Reads the event time from where its values stand; 0 where there is none. False where somebody else has to. */
function readTime(bodyKind: i32, body: usize, detail: usize, envelope: usize): bool {
  isTimeInBody = false
  recordTime = NaN
  if (bodyKind == TEXT) {
    isTimeInBody = true
    return readInstant(body)
  }
  if (bodyKind == NUMBER) {
    isTimeInBody = true
    let at = body
    let digits: u64 = 0
    let byte: u32 = load<u8>(at)
    while (isDigit(byte)) {
      digits = digits * 10 + <u64>(byte - 48)
      byte = load<u8>(++at)
    }
    if (at == body || at - body > 15 || byte == 46 || (byte | 32) == 101) return false
    recordTime = <f64>digits
    return recordTime <= LAST_MS
  }
  if (detail != 0) return readInstant(detail)
  if (envelope != 0) return readInstant(envelope)
  return true
}

// Any record, token by token

// @ts-ignore: decorator
@inline
function note(from: usize, to: usize, kind: i32, scopes: i32, numbers: usize): void {
  if (noteCount < MOST_NOTES) {
    const at = NOTES + <usize>noteCount * NOTE_SIZE
    store<u32>(at, <u32>from)
    store<u32>(at, <u32>(to - from), 4)
    store<i32>(at, kind, 8)
    store<i32>(at, scopes, 12)
    store<u32>(at, <u32>numbers, 16)
  }
  noteCount++
}

/** Remembers a value that somebody looks for. */
function aim(key: i32, kind: i32, at: usize): void {
  const targets = load<i32>(KEYS + <usize>key * KEY_SIZE, 16)
  if (targets == 0) return
  for (let target = 0; target < TARGETS; target++) {
    if (((targets >> target) & 1) == 0) continue
    store<i32>(kinds + 4 * target, kind)
    store<u32>(places + 4 * target, <u32>at)
    store<i32>(notes + 4 * target, noteCount)
  }
}

/** Notes that a key of this path was seen. False where it was before, or there are too many. */
function isNew(low: u64): bool {
  if (++seenCount > MOST_SEEN) return false
  let slot = <u32>low & (SEEN_SLOTS - 1)
  while (true) {
    const at = SEEN + <usize>slot * 16
    if (load<u64>(at, 8) != recordNumber) {
      store<u64>(at, low)
      store<u64>(at, recordNumber, 8)
      return true
    }
    if (load<u64>(at) == low) return false
    slot = (slot + 1) & (SEEN_SLOTS - 1)
  }
}

let key: i32 = 0
let scopes: i32 = 0
let pathLow: u64 = 0
let pathHigh: u64 = 0

// @ts-ignore: decorator
@inline
function frameAt(depth: i32): usize {
  return FRAMES + <usize>depth * FRAME_SIZE
}

function open(depth: i32, kind: i32): void {
  const frame = frameAt(depth)
  store<i32>(frame, kind == ARRAY ? ARRAY : key)
  store<i32>(frame, scopes, 4)
  store<u64>(frame, pathLow, 8)
  store<u64>(frame, pathHigh, 16)
  store<i32>(frame, 0, 24)
}

/** The path of the next element of the array in this frame. */
function element(frame: usize): void {
  const index = load<i32>(frame, 24)
  store<i32>(frame, index + 1, 24)
  key = NO_KEY
  scopes = load<i32>(frame, 4)
  if (scopes == 0) return
  hash.indexPath(load<u64>(frame, 8), load<u64>(frame, 16), index)
  pathLow = hash.digestLow
  pathHigh = hash.digestHigh
}

let nameFrom: usize = 0
let nameTo: usize = 0

/** Reads a key and its colon, and finds its path; the place of the value, 0 where it is not valid. */
function name(at: usize, frame: usize): usize {
  if (load<u8>(at) != QUOTE) return failed(at)
  nameFrom = at + 1
  nameTo = text(at + 1)
  if (nameTo == 0) return 0
  const colon = space(nameTo + 1)
  if (load<u8>(colon) != 58) return failed(colon)
  const parent = load<i32>(frame)
  scopes = load<i32>(frame, 4)
  key = NO_KEY
  if (parent >= 0 || scopes != 0) {
    // A key with an escape in it may be one that is looked for, or one that was there before.
    if (hasBackslash(nameFrom, nameTo)) isOdd = true
    if (parent >= 0) key = keyNamed(parent, nameFrom, nameTo)
    if (key >= 0) scopes |= load<i32>(KEYS + <usize>key * KEY_SIZE, 24)
    if (key >= 0 || scopes != 0) {
      hash.keyPath(load<u64>(frame, 8), load<u64>(frame, 16), nameFrom, nameTo - nameFrom)
      pathLow = hash.digestLow
      pathHigh = hash.digestHigh
      if (!isNew(pathLow)) isOdd = true
    }
  }
  return space(colon + 1)
}

/** Adds what was read at the path, and notes it. */
function leaf(literal: usize, from: usize, end: usize, kind: i32, hasEscape: bool): void {
  let numbers: usize = 0
  if (scopes != 0) {
    numbers = hash.numbersOf(pathLow, pathHigh)
    if (!hash.isKept(numbers)) isLearnable = false
    if (!add(kind, from, end, hasEscape, numbers, scopes)) isOdd = true
  }
  note(literal, from, kind, scopes, numbers)
}

function emptyLeaf(kind: u32): void {
  if (scopes == 0) return
  emptyCount++
  const numbers = hash.numbersOf(pathLow, pathHigh)
  if ((scopes & CONTENT) != 0) hash.addKind(kind, numbers, empties)
  if ((scopes & ENVELOPE) != 0) hash.addKind(kind, numbers, empties + hash.SUM_SIZE)
}

/** The end of the JSON value at `from`, which begins with no space; 0 where it is not valid. */
function parseIdentity(from: usize): usize {
  memory.fill(kinds, 0, 4 * TARGETS)
  memory.fill(sums, 0, 4 * hash.SUM_SIZE)
  isOdd = false
  isLearnable = true
  noteCount = 0
  emptyCount = 0
  seenCount = 0
  recordNumber++
  parsed++
  hash.rootPath()
  pathLow = hash.digestLow
  pathHigh = hash.digestHigh
  key = 0
  scopes = 0
  let at = from
  let literal = from
  let depth: i32 = 0
  while (true) {
    // A value.
    const byte: u32 = load<u8>(at)
    if (byte == QUOTE) {
      if (key >= 0) aim(key, TEXT, at + 1)
      takeEscape()
      const end = text(at + 1)
      if (end == 0) return 0
      leaf(literal, at + 1, end, TEXT, takeEscape())
      literal = end
      at = end + 1
    } else if (byte == 123) {
      if (key > 0) aim(key, CONTAINER, at)
      at = space(at + 1)
      if (load<u8>(at) == 125) {
        emptyLeaf(hash.OBJECT_LEAF)
        at++
      } else {
        if (depth == DEEPEST) return failed(at)
        open(depth, CONTAINER)
        at = name(at, frameAt(depth++))
        if (at == 0) return 0
        continue
      }
    } else if (byte == 91) {
      if (key > 0) aim(key, CONTAINER, at)
      at = space(at + 1)
      if (load<u8>(at) == 93) {
        emptyLeaf(hash.ARRAY_LEAF)
        at++
      } else {
        if (depth == DEEPEST) return failed(at)
        open(depth, ARRAY)
        element(frameAt(depth++))
        continue
      }
    } else {
      const isNumber = byte == 45 || isDigit(byte)
      const kind = isNumber ? NUMBER : WORD
      if (key >= 0) aim(key, kind, at)
      const end = isNumber ? number(at) : word(at)
      if (end == 0) return 0
      leaf(literal, at, end, kind, false)
      literal = end
      at = end
    }
    // Behind a value.
    while (true) {
      if (depth == 0) {
        note(literal, at, END, 0, 0)
        return at
      }
      at = space(at)
      const next: u32 = load<u8>(at)
      const frame = frameAt(depth - 1)
      const isArray = load<i32>(frame) == ARRAY
      if (next == 44) {
        at = space(at + 1)
        if (isArray) element(frame)
        else {
          at = name(at, frame)
          if (at == 0) return 0
        }
        break
      }
      if (next != (isArray ? 93 : 125)) return failed(at)
      at++
      depth--
    }
  }
}

// The tree

/*
 * A node: literal, its length, its blocks, kind, first child, next sibling; then, of a value, its scopes and the numbers of its path; at an
 * end, the notes of detail-type and its kind, of the times and the kind of the first, of topicName (−1 for none), the scope, the sums of its
 * empty containers (0 for none).
 */

function noteOf(target: i32, kind: i32): i32 {
  return load<i32>(kinds + 4 * target) == kind ? load<i32>(notes + 4 * target) : -1
}

/** Takes the notes of the record that was parsed last into the tree. */
function learn(): void {
  if (noteCount > MOST_NOTES || !isLearnable) return
  if (emptyCount > 0 && constantCount == MOST_CONSTANTS) return
  let parent: usize = 0
  for (let at = 0; at < noteCount; at++) {
    const from: usize = load<u32>(NOTES + <usize>at * NOTE_SIZE)
    const length: usize = load<u32>(NOTES + <usize>at * NOTE_SIZE, 4)
    const kind = load<i32>(NOTES + <usize>at * NOTE_SIZE, 8)
    let before: usize = 0
    let node: usize = parent == 0 ? treeRoot : load<u32>(parent, 16)
    let siblings = 0
    while (node != 0) {
      if (
        load<i32>(node, 12) == kind &&
        load<u32>(node, 4) == length &&
        isLiteral(from, load<u32>(node), load<i32>(node, 8))
      )
        break
      before = node
      node = load<u32>(node, 20)
      siblings++
    }
    if (node == 0) {
      if (treeCount == MOST_NODES || siblings > 40) return
      const literal = literalsEnd
      const end = copyLiteral(literal, LITERALS_END, from, length)
      if (end == 0) return
      literalsEnd = end
      node = TREE + <usize>treeCount * NODE_SIZE
      treeCount++
      memory.fill(node, 0, NODE_SIZE)
      store<u32>(node, <u32>literal)
      store<u32>(node, <u32>length, 4)
      store<i32>(node, <i32>((length + 15) >> 4), 8)
      store<i32>(node, kind, 12)
      if (before != 0) store<u32>(before, <u32>node, 20)
      else if (parent != 0) store<u32>(parent, <u32>node, 16)
      else treeRoot = node
    }
    if (kind != END) {
      // Values of both scopes are added to both sums, except where no record of the kind has them counted.
      const own = load<i32>(NOTES + <usize>at * NOTE_SIZE, 12) & scopeBit()
      store<i32>(node, load<i32>(node, 24) | own, 24)
      store<u32>(node, load<u32>(NOTES + <usize>at * NOTE_SIZE, 16), 28)
    }
    parent = node
  }
  store<i32>(parent, load<i32>(notes + 4 * DETAIL_TYPE), 24)
  store<i32>(parent, load<i32>(kinds + 4 * DETAIL_TYPE), 28)
  const bodyKind = load<i32>(kinds + 4 * BODY_TIME)
  store<i32>(parent, load<i32>(notes + 4 * BODY_TIME), 32)
  store<i32>(parent, bodyKind == TEXT || bodyKind == NUMBER ? bodyKind : NONE, 36)
  store<i32>(parent, noteOf(DETAIL_TIME, TEXT), 40)
  store<i32>(parent, noteOf(ENVELOPE_TIME, TEXT), 44)
  store<i32>(parent, noteOf(TOPIC_NAME, TEXT), 48)
  store<i32>(parent, <i32>recordScope, 52)
  if (emptyCount == 0) return
  const constants = CONSTANTS + <usize>constantCount * hash.SUM_SIZE
  constantCount++
  memory.copy(constants, empties + recordScope, hash.SUM_SIZE)
  store<u32>(parent, <u32>constants, 56)
}

// @ts-ignore: decorator
@inline
function scopeBit(): i32 {
  return recordScope == 0 ? CONTENT : ENVELOPE
}

/** What was found when the record was walked. */
let walkedLeaf: usize = 0
let isWalkOdd: bool = false

/** The end of the record at `from`, which is made like one that was parsed before; 0 where it is not. */
function walkIdentity(from: usize): usize {
  memory.fill(sums, 0, 2 * hash.SUM_SIZE)
  isWalkOdd = false
  let at = from
  let node = treeRoot
  let start = STARTS
  while (node != 0) {
    if (!isLiteral(at, load<u32>(node), load<i32>(node, 8))) {
      node = load<u32>(node, 20)
      continue
    }
    const value = at + load<u32>(node, 4)
    const kind = load<i32>(node, 12)
    let end: usize
    if (kind == TEXT) end = text(value)
    else if (kind == NUMBER) end = number(value)
    else if (kind == WORD) end = word(value)
    else {
      walkedLeaf = node
      return value
    }
    if (end == 0) {
      node = load<u32>(node, 20)
      continue
    }
    const bits = load<i32>(node, 24)
    if (bits != 0) {
      const hasEscape = kind == TEXT && takeEscape()
      if (!add(kind, value, end, hasEscape, load<u32>(node, 28), bits)) isWalkOdd = true
    } else takeEscape()
    store<u32>(start, <u32>value)
    start += 4
    at = end
    node = load<u32>(node, 16)
  }
  return 0
}

// Records

// @ts-ignore: decorator
@inline
function startOf(slot: i32): usize {
  return slot < 0 ? 0 : load<u32>(STARTS + <usize>slot * 4)
}

function addEmpties(constants: usize): void {
  const sum = sums + recordScope
  for (let at: usize = 0; at < hash.SUM_SIZE; at += 16) {
    v128.store(sum + at, i64x2.add(v128.load(sum + at), v128.load(constants + at)))
  }
}

/** Whether everything is there that makes a record an event; then the sum of its scope counts. */
function findScope(): bool {
  recordScope = 0
  if (keyPaths > 0) {
    for (let path = 0; path < keyPaths; path++) {
      if (load<i32>(kinds + 4 * (KEY_PATHS + path)) == NONE) return false
    }
    return true
  }
  if (load<i32>(kinds + 4 * TOPIC_NAME) != NONE && load<i32>(kinds + 4 * BODY) != NONE) return true
  recordScope = hash.SUM_SIZE
  return (
    load<i32>(kinds + 4 * SOURCE) != NONE &&
    load<i32>(kinds + 4 * DETAIL_TYPE) != NONE &&
    load<i32>(kinds + 4 * DETAIL) != NONE
  )
}

/** The end of the record at `from`; 0 where it is not valid. Says whether it is unusual; else what {@link emitIdentity} writes is known. */
export function identify(from: usize): usize {
  recordFrom = from
  const end = walkIdentity(from)
  if (end != 0) {
    walked++
    recordTo = end
    const leaf = walkedLeaf
    const group = load<i32>(leaf, 28)
    recordScope = load<i32>(leaf, 52)
    const topic = load<i32>(leaf, 48)
    topicAt = startOf(topic)
    const isUsual =
      !isWalkOdd &&
      readGroupValue(group, group == NONE ? 0 : startOf(load<i32>(leaf, 24))) &&
      readTime(
        load<i32>(leaf, 36),
        load<i32>(leaf, 36) == NONE ? 0 : startOf(load<i32>(leaf, 32)),
        startOf(load<i32>(leaf, 40)),
        startOf(load<i32>(leaf, 44))
      )
    const constants: usize = load<u32>(leaf, 56)
    if (constants != 0) addEmpties(constants)
    setUnusual(!isUsual)
    return end
  }
  takeEscape()
  const ends = parseIdentity(from)
  if (ends == 0) return 0
  recordTo = ends
  const bodyKind = load<i32>(kinds + 4 * BODY_TIME)
  topicAt = load<i32>(kinds + 4 * TOPIC_NAME) == TEXT ? load<u32>(places + 4 * TOPIC_NAME) : 0
  const isUsual =
    !isOdd &&
    findScope() &&
    readGroupValue(load<i32>(kinds + 4 * DETAIL_TYPE), load<u32>(places + 4 * DETAIL_TYPE)) &&
    readTime(
      bodyKind,
      load<u32>(places + 4 * BODY_TIME),
      load<i32>(kinds + 4 * DETAIL_TIME) == TEXT ? load<u32>(places + 4 * DETAIL_TIME) : 0,
      load<i32>(kinds + 4 * ENVELOPE_TIME) == TEXT ? load<u32>(places + 4 * ENVELOPE_TIME) : 0
    )
  setUnusual(!isUsual)
  if (!isUsual) return ends
  // A log whose records have nothing in common is not worth a tree.
  if (growing) {
    learn()
    if (parsed > 20000 && walked < parsed) {
      growing = false
      treeRoot = 0
    }
  }
  if (emptyCount > 0) addEmpties(empties + recordScope)
  return ends
}

/** Writes the record that was identified last. */
export function emitIdentity(): void {
  const at = IDENTITIES + <usize>emitAs(<u32>topicAt, <u32>recordFrom, <u32>(recordTo - recordFrom)) * IDENTITY_SIZE
  hash.finish(sums + recordScope, at)
  store<f64>(at, recordTime, 16)
  store<i32>(at, isTimeInBody ? 1 : 0, 24)
}

// For who reads a record in another way, and wants the very same hash.

/** What is hashed next is another record. */
export function hashBegin(): void {
  memory.fill(sums, 0, hash.SUM_SIZE)
}
/** The path of the record itself. Paths stand, in two halves, where {@link pathPlace} says. */
export function hashRoot(): void {
  hash.rootPath()
  takePath()
}
/** Where the path stands that comes next: callers keep it and put it back. */
export function pathPlace(): usize {
  return place
}
const place = memory.data(16, 16)

function takePath(): void {
  store<u64>(place, hash.digestLow)
  store<u64>(place, hash.digestHigh, 8)
}
/** A key begins below the path; {@link hashTake} takes it, {@link hashKeyEnd} makes its path the next one. */
export function hashKeyBegin(): void {
  hash.sipBegin(load<u64>(place), load<u64>(place, 8))
}
/** Takes bytes that stand in the scratch area: a multiple of eight, but for the last ones. */
export function hashTake(length: i32): void {
  hash.sipTake(hash.SCRATCH, length)
}
export function hashKeyEnd(): void {
  hash.sipEnd()
  takePath()
}
/** The path of an element becomes the next one. */
export function hashIndex(index: u32): void {
  hash.indexPath(load<u64>(place), load<u64>(place, 8), index)
  takePath()
}
function numbersHere(): usize {
  return hash.numbersOf(load<u64>(place), load<u64>(place, 8))
}
/** Adds a text that stands in the scratch area with a quote behind it. */
export function hashText(length: i32): void {
  hash.addText(hash.SCRATCH, length, numbersHere(), sums)
}
/** A text begins that is longer than {@link hash.LONGEST_PLAIN}; {@link hashTake} takes it, {@link hashLongEnd} adds it. */
export function hashLongBegin(): void {
  hash.longBegin()
}
export function hashLongEnd(): void {
  hash.sipEnd()
  const low = hash.digestLow
  const high = hash.digestHigh
  const numbers = numbersHere()
  hash.setDigest(low, high)
  hash.addDigest(numbers, sums)
}
export function hashNumber(value: f64): void {
  hash.addNumber(value, numbersHere(), sums)
}
/** Adds a word or an empty container. */
export function hashKind(kind: u32): void {
  hash.addKind(kind, numbersHere(), sums)
}
/** Writes the hash where {@link pathPlace} says. */
export function hashFinish(): void {
  hash.finish(sums, place)
}
