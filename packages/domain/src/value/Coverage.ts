/** How much of what was expected came. */
import { BigInt as BigInts, Option } from "effect"

/** `part` over `whole` in percent: two decimals, cut off, so that it is never 100 while something is missing; 0 of nothing. */
export const percentage = (part: number, whole: number): number =>
  Option.match(BigInts.divide(BigInt(part) * 10_000n, BigInt(whole)), {
    onNone: () => 0,
    onSome: (hundredths) => Number(hundredths) / 100
  })
