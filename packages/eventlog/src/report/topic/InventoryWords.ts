/** What an inventory comes to, in words: the same in text and on a page. */
import { type InventoryReport, Plural } from "@genesys-replay/domain"

/** All groups as one. */
export const total = (
  groups: ReadonlyArray<InventoryReport.InventoryGroup>
): Pick<InventoryReport.InventoryGroup, "observed" | "unique" | "duplicates"> => ({
  observed: groups.reduce((sum, { observed }) => sum + observed, 0),
  unique: groups.reduce((sum, { unique }) => sum + unique, 0),
  duplicates: groups.reduce((sum, { duplicates }) => sum + duplicates, 0)
})

/** The verdict, in one sentence. */
export const verdict = (
  { inventory }: InventoryReport.InventoryReport,
  figure: (count: number) => string = String
): string => {
  const { observed, unique } = total(inventory)
  const events = Plural.counted(observed, "event", "events", figure)
  const distinct = observed === unique ? "" : `, ${figure(unique)} of them distinct,`
  return `Not proven: ${events}${distinct} and no sequence index in ${observed === 1 ? "it" : "any of them"}.`
}

/** What to make of it. */
export const explanation =
  "What was lost leaves no trace among such events. What is here is proven complete against a baseline, another capture of the same time, or against the platform's own records."
