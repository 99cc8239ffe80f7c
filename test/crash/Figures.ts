/** What rounds came to, for people. */
import { Array as Arrays } from "effect"

/** What a round came to. */
export interface Figures {
  readonly windows: number
  /** The outcomes of its windows. */
  readonly outcomes: ReadonlyArray<string>
  /** The kills that came in time. */
  readonly kills: ReadonlyArray<string>
  readonly processes: number
  readonly deliveries: number
  readonly events: number
}

/** How often each word is among them. */
export const tally = (words: ReadonlyArray<string>): Record<string, number> =>
  Object.fromEntries(Object.entries(Arrays.groupBy(words, (word) => word)).map(([word, all]) => [word, all.length]))

const total = (all: ReadonlyArray<Figures>, of: (figures: Figures) => number): number =>
  all.reduce((sum, figures) => sum + of(figures), 0)

const listed = (words: ReadonlyArray<string>): string =>
  Object.entries(tally(words))
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([word, count]) => `  ${String(count).padStart(5)}  ${word}`)
    .join("\n")

/** All rounds together, in a few lines. */
export const render = (all: ReadonlyArray<Figures>): string => {
  const kills = all.flatMap((figures) => figures.kills)
  return [
    `${all.length} rounds, ${total(all, ({ windows }) => windows)} windows, ${total(all, ({ processes }) => processes)} processes`,
    listed(all.flatMap(({ outcomes }) => outcomes)),
    `${total(all, ({ events }) => events)} sync events, taken ${total(all, ({ deliveries }) => deliveries)} times`,
    `${kills.length} kills`,
    listed(kills)
  ].join("\n")
}
