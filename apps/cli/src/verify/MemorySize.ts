/** Sizes of memory as people type them. */
import { Option } from "effect"

const units: Readonly<Record<string, number>> = { k: 1_024, m: 1_048_576, g: 1_073_741_824 }
const shape = /^(\d+(?:\.\d+)?)\s*([kmg])(?:i?b)?$/i

/** Bytes of `512M`, `1.5GiB`, `2g`. None for anything else, and for none at all. */
export const parse = (text: string): Option.Option<number> => {
  const [, amount = "", unit = ""] = shape.exec(text.trim()) ?? []
  const bytes = Math.floor(Number(amount) * (units[unit.toLowerCase()] ?? 0))
  return Option.filter(Option.some(bytes), (size) => size > 0 && Number.isSafeInteger(size))
}
