/** The few colours that the command line uses, and none where the output shows none. */
import { stripVTControlCharacters } from "node:util"
import type { Output } from "./Screen.js"

const sgr = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

/** What text can be set in. */
export type Ink = keyof typeof sgr

/** Sets text in an ink, or leaves it as it is. */
export type Style = (ink: Ink, text: string) => string

/** The style of an output. */
export const of = (output: Pick<Output, "colour">): Style =>
  output.colour
    ? (ink, text) => {
        const [on, off] = sgr[ink]
        return `\u001B[${on}m${text}\u001B[${off}m`
      }
    : (_, text) => text

/** The text without colours, cursor movements and the like. */
export const strip = (text: string): string => stripVTControlCharacters(text)
