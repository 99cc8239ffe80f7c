/**
 * Draws that depend on a seed and a label and on nothing else: what the sandbox invents is the same in every run,
 * in whichever order it is asked for.
 *
 * The generator is the one behind Effect's `Random`. It is drawn from directly, because a history of events is a pure
 * function of its seed and is enumerated thousands of events at a time.
 */
import type { Array as Arrays } from "effect"
import { PCGRandom } from "effect/Utils"

/** What everything is drawn from. Any text or number; equal seeds, equal sandboxes. */
export type Seed = string | number

/** What a draw is for: draws with different labels have nothing in common. */
export type Label = string | number

/** 128 bits of a text, so that no two labels of one sandbox share a generator. Not for cryptography. */
const digest = (text: string): readonly [number, number, number, number] => {
  let a = 1_779_033_703
  let b = 3_144_134_277
  let c = 1_013_904_242
  let d = 2_773_480_762
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = b ^ Math.imul(a ^ code, 597_399_067)
    b = c ^ Math.imul(b ^ code, 2_869_860_233)
    c = d ^ Math.imul(c ^ code, 951_274_213)
    d = a ^ Math.imul(d ^ code, 2_716_044_179)
  }
  a = Math.imul(c ^ (a >>> 18), 597_399_067)
  b = Math.imul(d ^ (b >>> 22), 2_869_860_233)
  c = Math.imul(a ^ (c >>> 17), 951_274_213)
  d = Math.imul(b ^ (d >>> 19), 2_716_044_179)
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0]
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

const hexCodes = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0))
const digits = new Uint8Array(32)
/** The characters of a UUID; the dashes stand. */
const uuidCodes = Array.from("00000000-0000-0000-0000-000000000000", (char) => char.charCodeAt(0))
/** Where its digits stand. */
const uuidPlaces = uuidCodes.flatMap((code, place) => (code === "-".charCodeAt(0) ? [] : [place]))

/** A sequence of draws. */
export class SeededRandom {
  private constructor(private readonly generator: PCGRandom) {}

  /** The draws for `labels` under `seed`, from the first one. */
  static of(seed: Seed, ...labels: ReadonlyArray<Label>): SeededRandom {
    return new SeededRandom(new PCGRandom(...digest(JSON.stringify([seed, ...labels]))))
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    return this.generator.number()
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** True in `rate` of all draws; `rate` from 0 to 1. */
  chance(rate: number): boolean {
    return this.next() < rate
  }

  /** One of `values`, each as likely as the others. */
  pick<A>(values: Arrays.NonEmptyReadonlyArray<A>): A {
    return values[this.int(0, values.length - 1)] ?? values[0]
  }

  /** A UUID of version 4. */
  uuid(): string {
    // Written into one flat text: one that is put together of pieces keeps all of them in memory.
    let at = 0
    for (let word = 0; word < 4; word++) {
      let bits = this.int(0, 0xffff_ffff)
      for (let digit = 7; digit >= 0; digit--) {
        digits[at + digit] = bits & 15
        bits >>>= 4
      }
      at += 8
    }
    digits[12] = 4
    digits[16] = 8 + ((digits[16] ?? 0) % 4)
    for (let digit = 0; digit < 32; digit++) uuidCodes[uuidPlaces[digit] ?? 0] = hexCodes[digits[digit] ?? 0] ?? 0
    return String.fromCharCode(...uuidCodes)
  }

  /** `length` characters that are safe in a header, a form and a URL. */
  text(length: number): string {
    let text = ""
    for (let index = 0; index < length; index++) text += alphabet.charAt(this.int(0, alphabet.length - 1))
    return text
  }
}
