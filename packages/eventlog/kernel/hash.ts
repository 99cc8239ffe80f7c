/**
 * Keyed hashes of JSON values. Under one seed equal values have equal hashes; of two different ones, whoever wrote them, the hashes are equal
 * with a probability below 2^-100.
 *
 * A value is the set of its leaves: texts, numbers, words and empty containers, each with the path of keys and indices that leads to it. The
 * order of keys does not count in a set. Each path has secret numbers of its own, by which the blocks of its leaf are hashed with NH, the
 * universal hash of UMAC (Black, Halevi, Krawczyk, Krovetz, Rogaway, 1999), four times with numbers shifted by one block (Toeplitz); the
 * hashes of all leaves are added up, and their sums go through SipHash (Aumasson, Bernstein, 2012) with 128 bits of output. The path of a
 * key is SipHash-2-4 of the key under the path of what holds it; that of the whole is the seed.
 *
 * What a leaf's blocks are: a text in UTF-8, without escapes, half of a surrogate pair like any other character, with a quote behind it and
 * zeros to fill the last block; so its last byte that is no zero is a quote. All others end in a byte that says their kind.
 */

/** Sums of leaves: four sums of two lanes. */
export const SUM_SIZE: usize = 64

/** Blocks of sixteen bytes, one after the other, and those of them that a path has numbers for: texts that are longer are digested first. */
const MOST_BLOCKS: usize = 8
const KEYS_PER_PATH: usize = MOST_BLOCKS + 3
/** The longest text that is hashed as it is: a quote stands behind it. */
export const LONGEST_PLAIN: usize = 16 * MOST_BLOCKS - 1

/** The secret numbers of paths: a hash table, 192 bytes an entry: 16 of the path, then the numbers. */
const PATHS: usize = 0x2a0000
const PATH_SIZE: usize = 192
const PATH_SLOTS: u32 = 4096
const MOST_PATHS: u32 = 3000
/** The numbers of a path for which the table has no room. */
const SPARE_PATH: usize = 0x360000
/** Where texts are written without their escapes, and where callers write what is to be hashed. */
export const SCRATCH: usize = 0x361000
export const SCRATCH_SIZE: usize = 0x8000

// The last bytes of leaves that are no texts.
export const NUMBER_LEAF: u32 = 1
export const TRUE_LEAF: u32 = 2
export const FALSE_LEAF: u32 = 3
export const NULL_LEAF: u32 = 4
export const OBJECT_LEAF: u32 = 5
export const ARRAY_LEAF: u32 = 6
const LONG_LEAF: u32 = 7

/** Sixteen bytes that keep a byte, then sixteen that do not. */
const masks = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0
], 16)
const block = memory.data(32, 16)

let seedLow: u64 = 0
let seedHigh: u64 = 0
let pathCount: u32 = 0

/** What SipHash gave last: a path, or a digest. */
export let digestLow: u64 = 0
export let digestHigh: u64 = 0

/** Another seed: nothing that was hashed before has the same hash any more. */
export function setSeed(low: u64, high: u64): void {
  seedLow = low
  seedHigh = high
  pathCount = 0
  memory.fill(PATHS, 0, <usize>PATH_SLOTS * PATH_SIZE)
}

/** The path of a whole record. */
export function rootPath(): void {
  digestLow = seedLow
  digestHigh = seedHigh
}

// SipHash

let sip0: u64 = 0
let sip1: u64 = 0
let sip2: u64 = 0
let sip3: u64 = 0
let sipLength: u64 = 0
/** The bytes that do not make eight. */
let sipRest: u64 = 0

export function sipBegin(low: u64, high: u64): void {
  sip0 = low ^ 0x736f6d6570736575
  sip1 = high ^ 0x646f72616e646f6d ^ 0xee
  sip2 = low ^ 0x6c7967656e657261
  sip3 = high ^ 0x7465646279746573
  sipLength = 0
  sipRest = 0
}

/** Takes in bytes, a multiple of eight but for the last ones, behind which {@link sipEnd} has to follow. */
export function sipTake(from: usize, length: usize): void {
  let v0 = sip0
  let v1 = sip1
  let v2 = sip2
  let v3 = sip3
  const whole = from + (length & ~7)
  for (let at = from; at < whole; at += 8) {
    const word = load<u64>(at)
    v3 ^= word
    for (let round = 0; round < 2; round++) {
      v0 += v1
      v1 = rotl<u64>(v1, 13) ^ v0
      v0 = rotl<u64>(v0, 32)
      v2 += v3
      v3 = rotl<u64>(v3, 16) ^ v2
      v0 += v3
      v3 = rotl<u64>(v3, 21) ^ v0
      v2 += v1
      v1 = rotl<u64>(v1, 17) ^ v2
      v2 = rotl<u64>(v2, 32)
    }
    v0 ^= word
  }
  sip0 = v0
  sip1 = v1
  sip2 = v2
  sip3 = v3
  sipLength += <u64>length
  const rest = length & 7
  sipRest = rest == 0 ? 0 : load<u64>(whole) & (((<u64>1) << (8 * <u64>rest)) - 1)
}

/** The digest of all that was taken in. */
export function sipEnd(): void {
  let v0 = sip0
  let v1 = sip1
  let v2 = sip2
  let v3 = sip3
  const last = sipRest | (sipLength << 56)
  v3 ^= last
  for (let round = 0; round < 10; round++) {
    v0 += v1
    v1 = rotl<u64>(v1, 13) ^ v0
    v0 = rotl<u64>(v0, 32)
    v2 += v3
    v3 = rotl<u64>(v3, 16) ^ v2
    v0 += v3
    v3 = rotl<u64>(v3, 21) ^ v0
    v2 += v1
    v1 = rotl<u64>(v1, 17) ^ v2
    v2 = rotl<u64>(v2, 32)
    if (round == 1) {
      v0 ^= last
      v2 ^= 0xee
    } else if (round == 5) {
      digestLow = v0 ^ v1 ^ v2 ^ v3
      v1 ^= 0xdd
    }
  }
  digestHigh = v0 ^ v1 ^ v2 ^ v3
}

// Paths

/** The path of the member that is named by these bytes, of what stands at the path `low`, `high`. */
export function keyPath(low: u64, high: u64, from: usize, length: usize): void {
  sipBegin(low, high)
  sipTake(from, length)
  sipEnd()
}

/** The path of an element. No key is like it, as a byte of 255 stands in no text. */
export function indexPath(low: u64, high: u64, index: u32): void {
  store<u64>(block, 0xff | (<u64>index << 8))
  keyPath(low, high, block, 8)
}

/** Where the secret numbers of a path stand. */
export function numbersOf(low: u64, high: u64): usize {
  let slot = <u32>low & (PATH_SLOTS - 1)
  while (true) {
    const at = PATHS + <usize>slot * PATH_SIZE
    if (load<u64>(at) == low && load<u64>(at, 8) == high) return at + 16
    if ((load<u64>(at) | load<u64>(at, 8)) == 0) {
      if (pathCount == MOST_PATHS) break
      pathCount++
      store<u64>(at, low)
      store<u64>(at, high, 8)
      drawNumbers(low, high, at + 16)
      return at + 16
    }
    slot = (slot + 1) & (PATH_SLOTS - 1)
  }
  drawNumbers(low, high, SPARE_PATH)
  return SPARE_PATH
}

/** Whether the numbers stay where they are. */
export function isKept(numbers: usize): bool {
  return numbers != SPARE_PATH
}

function drawNumbers(low: u64, high: u64, to: usize): void {
  for (let at: usize = 0; at < KEYS_PER_PATH; at++) {
    store<u64>(block, 0xfe | (<u64>at << 8))
    keyPath(low, high, block, 8)
    store<u64>(to + 16 * at, digestLow)
    store<u64>(to + 16 * at, digestHigh, 8)
  }
}

// Leaves

/** NH of one block: two products of 32 by 32 bits, in two lanes. */
// @ts-ignore: decorator
@inline
function nh(bytes: v128, numbers: usize): v128 {
  const sum = i32x4.add(bytes, v128.load(numbers))
  return i64x2.extmul_low_i32x4_u(sum, v128.shuffle<u32>(sum, sum, 2, 3, 0, 1))
}

/** Adds one block, whose place among the blocks of its leaf `numbers` says. */
// @ts-ignore: decorator
@inline
function addBlock(bytes: v128, numbers: usize, sum: usize): void {
  v128.store(sum, i64x2.add(v128.load(sum), nh(bytes, numbers)))
  v128.store(sum, i64x2.add(v128.load(sum, 16), nh(bytes, numbers + 16)), 16)
  v128.store(sum, i64x2.add(v128.load(sum, 32), nh(bytes, numbers + 32)), 32)
  v128.store(sum, i64x2.add(v128.load(sum, 48), nh(bytes, numbers + 48)), 48)
}

/** Adds a text without escapes, behind which a quote stands. */
export function addText(from: usize, length: usize, numbers: usize, sum: usize): void {
  if (length > LONGEST_PLAIN) {
    sipBegin(~seedLow, seedHigh)
    sipTake(from, length)
    sipEnd()
    return addDigest(numbers, sum)
  }
  let s0 = v128.load(sum)
  let s1 = v128.load(sum, 16)
  let s2 = v128.load(sum, 32)
  let s3 = v128.load(sum, 48)
  let k0 = v128.load(numbers)
  let k1 = v128.load(numbers, 16)
  let k2 = v128.load(numbers, 32)
  let k3 = v128.load(numbers, 48)
  // The quote belongs to it.
  let rest: isize = <isize>length + 1
  let at = from
  while (true) {
    let bytes = v128.load(at)
    if (rest < 16) bytes = v128.and(bytes, v128.load(masks + 16 - <usize>rest))
    let t = i32x4.add(bytes, k0)
    s0 = i64x2.add(s0, i64x2.extmul_low_i32x4_u(t, v128.shuffle<u32>(t, t, 2, 3, 0, 1)))
    t = i32x4.add(bytes, k1)
    s1 = i64x2.add(s1, i64x2.extmul_low_i32x4_u(t, v128.shuffle<u32>(t, t, 2, 3, 0, 1)))
    t = i32x4.add(bytes, k2)
    s2 = i64x2.add(s2, i64x2.extmul_low_i32x4_u(t, v128.shuffle<u32>(t, t, 2, 3, 0, 1)))
    t = i32x4.add(bytes, k3)
    s3 = i64x2.add(s3, i64x2.extmul_low_i32x4_u(t, v128.shuffle<u32>(t, t, 2, 3, 0, 1)))
    rest -= 16
    if (rest <= 0) break
    at += 16
    numbers += 16
    k0 = k1
    k1 = k2
    k2 = k3
    k3 = v128.load(numbers, 48)
  }
  v128.store(sum, s0)
  v128.store(sum, s1, 16)
  v128.store(sum, s2, 32)
  v128.store(sum, s3, 48)
}

/** Puts back a digest that was made before. */
export function setDigest(low: u64, high: u64): void {
  digestLow = low
  digestHigh = high
}

/** The digest of a long text begins. */
export function longBegin(): void {
  sipBegin(~seedLow, seedHigh)
}

/** Adds a long text, whose digest was made last. */
export function addDigest(numbers: usize, sum: usize): void {
  addBlock(i64x2.replace_lane(i64x2.splat(digestLow), 1, digestHigh), numbers, sum)
  addBlock(kindBlock(LONG_LEAF), numbers + 16, sum)
}

// @ts-ignore: decorator
@inline
function kindBlock(kind: u32): v128 {
  return i64x2.replace_lane(i64x2.splat(0), 1, <u64>kind << 56)
}

/** Adds a word or an empty container. */
export function addKind(kind: u32, numbers: usize, sum: usize): void {
  addBlock(kindBlock(kind), numbers, sum)
}

/** Adds a number; 0 and -0 are one. */
export function addNumber(value: f64, numbers: usize, sum: usize): void {
  const bits = reinterpret<u64>(value + 0.0)
  addBlock(i64x2.replace_lane(i64x2.splat(bits), 1, <u64>NUMBER_LEAF << 56), numbers, sum)
}

/**
 * Writes the hash of what was added to `sum`: sixteen bytes. SipHash with one round for each word and three at the end is enough, as nobody
 * sees or chooses the words.
 */
export function finish(sum: usize, to: usize): void {
  let v0 = seedLow ^ 0x736f6d6570736575
  let v1 = ~seedHigh ^ 0x646f72616e646f6d ^ 0xee
  let v2 = seedLow ^ 0x6c7967656e657261
  let v3 = ~seedHigh ^ 0x7465646279746573
  let word: u64 = 0
  for (let round = 0; round < 10; round++) {
    if (round < 4) {
      const at = sum + 16 * <usize>round
      word = load<u64>(at) + load<u64>(at, 8)
      v3 ^= word
    }
    v0 += v1
    v1 = rotl<u64>(v1, 13) ^ v0
    v0 = rotl<u64>(v0, 32)
    v2 += v3
    v3 = rotl<u64>(v3, 16) ^ v2
    v0 += v3
    v3 = rotl<u64>(v3, 21) ^ v0
    v2 += v1
    v1 = rotl<u64>(v1, 17) ^ v2
    v2 = rotl<u64>(v2, 32)
    if (round < 4) v0 ^= word
    if (round == 3) v2 ^= 0xee
    else if (round == 6) {
      store<u64>(to, v0 ^ v1 ^ v2 ^ v3)
      v1 ^= 0xdd
    }
  }
  store<u64>(to, v0 ^ v1 ^ v2 ^ v3, 8)
}
