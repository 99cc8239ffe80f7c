/** What is said of runs: of one that failed, and of all of them. */
import type { Outcome } from "./Simulation.js"

/** The last lines of a trace. */
export const tail = (lines: ReadonlyArray<string>): ReadonlyArray<string> => lines.slice(-40)

/** The seed, what did not hold, the end of the trace, and how to see it again. */
export const failure = ({ lines, seed, wrongs }: Pick<Outcome, "seed" | "wrongs" | "lines">, heal = false): string =>
  [
    `seed ${seed}:`,
    ...wrongs.map((wrong) => `  ${wrong}`),
    "the end of its trace:",
    ...tail(lines),
    `npm run simulate -- --seed ${seed}${heal ? " --heal" : ""} --verbose`,
    ""
  ].join("\n")

/** How often each fault was made and each point of a crash was hit: what is not here was not tried. */
export const summary = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([what, times]) => `${String(times).padStart(8)} ${what}`)
    .join("\n")
