/** The name of a replay on AWS: 1 to 64 of `A-Za-z0-9._-`, narrower than the name of a window. */
import { createHash } from "node:crypto"

const longest = 64
const hashed = 12
const shape = /^[A-Za-z0-9._-]{1,64}$/

/** Whether AWS can have a replay of this name. */
export const isName = (text: string): boolean => shape.test(text)

/**
 * The ReplayName of a window: its own name where AWS takes it, else that name with `-` for every other character, cut, and
 * 12 hex digits of its SHA-256. The same for the same window, and different for different ones.
 */
export const of = (window: string): string => {
  if (isName(window)) return window
  const hash = createHash("sha256").update(window, "utf8").digest("hex").slice(0, hashed)
  return `${window.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, longest - hashed - 1)}-${hash}`
}
