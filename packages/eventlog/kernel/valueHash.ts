/**
 * The hash of a value that the parser has read, member by member: the very same as that of its bytes. Callers walk the value; paths, where they
 * are, and what is to be hashed stand in the memory.
 */
import * as hash from "./hash"

const sum = memory.data(64, 16)
const place = memory.data(16, 16)

/** What is hashed next is another record. */
export function hashBegin(): void {
  memory.fill(sum, 0, hash.SUM_SIZE)
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
  hash.addText(hash.SCRATCH, length, numbersHere(), sum)
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
  hash.addDigest(numbers, sum)
}
export function hashNumber(value: f64): void {
  hash.addNumber(value, numbersHere(), sum)
}
/** Adds a word or an empty container. */
export function hashKind(kind: u32): void {
  hash.addKind(kind, numbersHere(), sum)
}
/** Writes the hash where {@link pathPlace} says. */
export function hashFinish(): void {
  hash.finish(sum, place)
}
