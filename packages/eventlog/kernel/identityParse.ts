/**
 * Reads any record for its identity, token by token: the path of every value, the sums of those that belong to it, what the caller looks
 * for, and the notes of what the record was made of.
 */
import * as hash from "./hash"
import {
  CONTAINER,
  END,
  failed,
  hasBackslash,
  isDigit,
  NONE,
  number,
  NUMBER,
  QUOTE,
  space,
  takeEscape,
  TEXT,
  text,
  WORD,
  word
} from "./json"
import { ARRAY, KEY_SIZE, keyNamed, KEYS, NO_KEY } from "./structure"
import { numberValue, plainLength, readNumber, unescape } from "./value"

/** One frame for each open container, 32 bytes: its key node, its scopes, its path, the index of the element. */
const FRAMES: usize = 0x230000
const FRAME_SIZE: usize = 32
const DEEPEST: i32 = 4000
/** Paths of the record's keys, to find those that come twice: 16 bytes each, the path's first half and the record's number. */
const SEEN: usize = 0x370000
const SEEN_SLOTS: u32 = 4096
const MOST_SEEN: i32 = 2000
/** The notes of a record: 20 bytes for each value. */
export const NOTES: usize = 0x30000
export const NOTE_SIZE: usize = 20
export const MOST_NOTES: i32 = 1000

// What the caller looks for: one bit each in a key node. Behind them, the paths of a key.
export const TOPIC_NAME: i32 = 0
export const BODY: i32 = 1
export const DETAIL_TYPE: i32 = 2
export const BODY_TIME: i32 = 3
export const DETAIL_TIME: i32 = 4
export const ENVELOPE_TIME: i32 = 5
export const SOURCE: i32 = 6
export const DETAIL: i32 = 7
export const KEY_PATHS: i32 = 8
const TARGETS: i32 = 32

// What a value belongs to.
export const CONTENT: i32 = 1
export const ENVELOPE: i32 = 2

export const kinds = memory.data(4 * 32, 16)
export const places = memory.data(4 * 32, 16)
export const notes = memory.data(4 * 32, 16)
/** Sums of the two scopes, and of the empty containers in them. */
export const sums = memory.data(4 * 64, 16)
export const empties: usize = sums + 128

let recordNumber: u64 = 0
let seenCount: i32 = 0
export let noteCount: i32 = 0
/** Empty containers that belong to the identity. */
export let emptyCount: i32 = 0
/** Whether somebody else has to read the record. */
export let isOdd: bool = false
/** Whether its structure can be learned. */
export let isLearnable: bool = false

/** Forgets what it knows of records. */
export function resetParse(): void {
  recordNumber = 0
  memory.fill(SEEN, 0, <usize>SEEN_SLOTS * 16)
}

// Sums

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
export function add(kind: i32, from: usize, end: usize, hasEscape: bool, numbers: usize, scopes: i32): bool {
  if ((scopes & CONTENT) != 0 && !addTo(kind, from, end, hasEscape, numbers, sums)) return false
  if ((scopes & ENVELOPE) != 0 && !addTo(kind, from, end, hasEscape, numbers, sums + hash.SUM_SIZE)) return false
  return true
}

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
export function parseIdentity(from: usize): usize {
  memory.fill(kinds, 0, 4 * TARGETS)
  memory.fill(sums, 0, 4 * hash.SUM_SIZE)
  isOdd = false
  isLearnable = true
  noteCount = 0
  emptyCount = 0
  seenCount = 0
  recordNumber++
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
