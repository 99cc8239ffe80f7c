/** What a report comes to, in one sentence. */
import { Plural, type SequenceReport } from "@genesys-replay/domain"

type Counted = (count: number, one: string, many?: string) => string

/** Why nothing is proven although nothing is known to be missing. */
const doubts = (
  { allowedRejected, groups, rejected, unread }: SequenceReport.CompletenessReport,
  count: Counted
): string => {
  const isInferred = groups.some(({ expected }) => expected?.inferred === true)
  const reasons = [
    ...(unread.length === 0
      ? []
      : [`${count(unread.length, "source")} ${unread.length === 1 ? "was" : "were"} not read to the end`]),
    ...(rejected.count <= allowedRejected || !isInferred
      ? []
      : [`${count(rejected.count, "record")} ${rejected.count === 1 ? "was" : "were"} rejected`])
  ]
  const bounds = isInferred ? ", and the expected ranges are only inferred from the indices seen" : ""
  return `${reasons.join(" and ")}${bounds}`
}

/** The verdict; `number` writes the figures. */
export const of = (report: SequenceReport.CompletenessReport, number: (count: number) => string = String): string => {
  const { groups, verdict } = report
  const count: Counted = (amount, one, many) => Plural.counted(amount, one, many, number)
  const unique = groups.reduce((sum, group) => sum + group.unique - group.outOfRange, 0)
  const inGroups = groups.length === 1 ? "" : ` in ${number(groups.length)} groups`
  if (groups.length === 0) return "Nothing to verify: no event with a sequence index was found."
  if (verdict === "complete") return `Complete: ${count(unique, "index", "indices")}${inGroups}, none missing.`
  if (verdict === "not proven")
    return `Not proven: ${count(unique, "index", "indices")}${inGroups} came and none between them is missing, but ${doubts(report, count)}.`
  const open = groups.filter((group) => !group.isContiguous)
  const gaps = open.reduce((sum, group) => sum + group.gapCount, 0)
  const ranges = open.reduce((sum, group) => sum + group.gapRanges, 0)
  if (gaps === 0) return "Incomplete: nothing of the expected range was found."
  const where = groups.length === 1 ? "" : ` from ${number(open.length)} of ${count(groups.length, "group", "groups")}`
  const missing = `${count(gaps, "index", "indices")} ${gaps === 1 ? "is" : "are"} missing`
  return `Incomplete: ${missing}${where}, in ${count(ranges, "range", "ranges")}.`
}
