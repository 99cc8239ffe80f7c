/**
 * Keeps clock, timers, threads and chance of the real world from the fibers of a run, and tells where somebody asks for
 * them all the same.
 */
import { createHash } from "node:crypto"
import type { Dice } from "./Dice.js"

// Effect.never sets a timer that never rings, to keep a process alive: a process of a run would be kept in memory by it.
const never = 2 ** 31 - 1

/** What is told. */
export interface Options {
  readonly dice: Dice
  /** The time that there is instead, in milliseconds since 1970: Effect stamps its fibers with `Date.now()`. */
  readonly time: () => number
  /** Something real was asked for. */
  readonly onEscape: (what: string) => void
  /** A promise was made that is resolved already. */
  readonly onPromise: () => void
}

/** Runs steps of fibers. */
export const kept = ({ dice, onEscape, onPromise, time }: Options) => {
  const escape = (what: string) => onEscape(`${what} ${new Error().stack?.split("\n").slice(3, 8).join(" ")}`)
  const { setInterval, setTimeout } = globalThis
  const { random } = Math
  const { now } = Date
  const { subtle } = globalThis.crypto
  const substitutes = {
    setTimeout: (task: () => void, delay: number) => {
      escape("setTimeout")
      return setTimeout(task, delay)
    },
    setInterval: (task: () => void, delay: number) => {
      if (delay === never) return undefined
      escape("setInterval")
      return setInterval(task, delay)
    }
  }
  // Node's own digest is computed by a thread, and nobody knows when it is done.
  const digest = (algorithm: string, data: Uint8Array) => {
    onPromise()
    const bytes = createHash(algorithm.replace("-", "").toLowerCase()).update(data).digest()
    return Promise.resolve(new Uint8Array(bytes).buffer)
  }
  return (run: () => void): void => {
    Math.random = dice.next
    Date.now = time
    Object.assign(globalThis, substitutes)
    Object.defineProperty(subtle, "digest", { value: digest, configurable: true })
    try {
      run()
    } finally {
      Math.random = random
      Date.now = now
      Object.assign(globalThis, { setInterval, setTimeout })
      Reflect.deleteProperty(subtle, "digest")
    }
  }
}
