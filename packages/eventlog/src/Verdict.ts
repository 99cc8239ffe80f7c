/** What a report comes to, in one sentence. */
import type { SequenceReport } from "@genesys-replay/domain"

/** `1 gap`, `2 gaps`. */
export const counted = (count: number, one: string, many = `${one}s`, number: (count: number) => string = String) =>
  `${number(count)} ${count === 1 ? one : many}`

/** Whether everything came, something is missing, or there was nothing to tell it by. */
export type Outcome = "complete" | "incomplete" | "nothing"

/** See {@link Outcome}. */
export const outcome = ({ groups, isContiguous }: SequenceReport.CompletenessReport): Outcome =>
  groups.length === 0 ? "nothing" : isContiguous ? "complete" : "incomplete"

/** The verdict; `number` writes the figures. */
export const of = (report: SequenceReport.CompletenessReport, number: (count: number) => string = String): string => {
  const { groups } = report
  const open = groups.filter((group) => !group.isContiguous)
  if (groups.length === 0) return "Nothing to verify: no event with a sequence index was found."
  if (open.length === 0) {
    const unique = groups.reduce((sum, group) => sum + group.unique - group.outOfRange, 0)
    const where = groups.length === 1 ? "" : ` in ${number(groups.length)} groups`
    return `Complete: ${counted(unique, "index", "indices", number)}${where}, none missing.`
  }
  const gaps = open.reduce((sum, group) => sum + group.gapCount, 0)
  const ranges = open.reduce((sum, group) => sum + group.gapRanges, 0)
  if (gaps === 0) return "Incomplete: nothing of the expected range was found."
  const where =
    groups.length === 1 ? "" : ` from ${number(open.length)} of ${counted(groups.length, "group", "groups", number)}`
  const missing = `${counted(gaps, "index", "indices", number)} ${gaps === 1 ? "is" : "are"} missing`
  return `Incomplete: ${missing}${where}, in ${counted(ranges, "range", "ranges", number)}.`
}
