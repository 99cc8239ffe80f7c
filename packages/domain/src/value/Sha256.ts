/**
 * SHA-256 of a text, in plain arithmetic: planning hashes payloads without a platform's cryptography, which is another on every platform,
 * and asynchronous on some. For payloads, of a few kilobytes. Source: FIPS 180-4, sections 4 to 6.
 */

const k = new Uint32Array([
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5],
  ...[0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174],
  ...[0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da],
  ...[0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967],
  ...[0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85],
  ...[0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070],
  ...[0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2]
])

const initial = [
  ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a],
  ...[0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]
]

const blockBytes = 64

/** The bytes of a text in UTF-8. Half of a surrogate pair, which has none, is a bug of the caller. */
const utf8 = (text: string): ReadonlyArray<number> =>
  [...encodeURIComponent(text).matchAll(/%(..)|[^%]/g)].map(([one, escaped]) =>
    escaped === undefined ? one.charCodeAt(0) : Number.parseInt(escaped, 16)
  )

/** The message in whole blocks: after it a 1 bit, zeros, and its length in bits. */
const padded = (bytes: ReadonlyArray<number>): DataView => {
  const blocks = Math.ceil((bytes.length + 9) / blockBytes)
  const message = new Uint8Array(blocks * blockBytes)
  message.set(bytes)
  message[bytes.length] = 0x80
  const view = new DataView(message.buffer)
  view.setBigUint64(message.length - 8, BigInt(bytes.length) * 8n)
  return view
}

const turned = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The message schedule of the block that begins at `at`. */
const scheduleOf = (message: DataView, at: number): Uint32Array => {
  const words = new Uint32Array(64)
  const word = (index: number): number => words[index] ?? 0
  for (let t = 0; t < 16; t++) words[t] = message.getUint32(at + 4 * t)
  for (let t = 16; t < 64; t++) {
    const [early, late] = [word(t - 15), word(t - 2)]
    const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const large = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    words[t] = word(t - 16) + small + word(t - 7) + large
  }
  return words
}

const compressed = (hash: ReadonlyArray<number>, words: Uint32Array): ReadonlyArray<number> => {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + (k[t] ?? 0) + (words[t] ?? 0)
    const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority
    ;[a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g]
  }
  return [a, b, c, d, e, f, g, h].map((word, index) => (word + (hash[index] ?? 0)) >>> 0)
}

/** The 64 hex digits of SHA-256 over the text in UTF-8. */
export const hex = (text: string): string => {
  const message = padded(utf8(text))
  let hash: ReadonlyArray<number> = initial
  for (let at = 0; at < message.byteLength; at += blockBytes) hash = compressed(hash, scheduleOf(message, at))
  return hash.map((word) => word.toString(16).padStart(8, "0")).join("")
}
