/** The known key that a mistyped one was probably meant to be. */
import { Option } from "effect"

/** How many letters one of them has to be changed by to become the other: the edit distance. */
export const distance = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (same ? 0 : 1)
        )
      )
    }
    previous = current
  }
  return previous[right.length] ?? 0
}

/** The nearest of `known` by edit distance, letter case aside; none where every one is more than half its length away. */
export const find = (key: string, known: Iterable<string>): Option.Option<string> => {
  let best: { readonly name: string; readonly edits: number } | undefined
  for (const name of known) {
    const edits = distance(key.toLowerCase(), name.toLowerCase())
    if (edits <= Math.max(1, Math.floor(name.length / 2)) && (best === undefined || edits < best.edits)) {
      best = { name, edits }
    }
  }
  return Option.map(Option.fromNullable(best), ({ name }) => name)
}
