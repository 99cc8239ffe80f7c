/** What a report about topics comes to, in one sentence, and what was not counted, in another. */
import { Plural } from "@genesys-replay/domain"
import { type TopicReport, total } from "./TopicReport.js"

/** Writes a figure. */
export type Figure = (count: number) => string

/** The verdict. */
export const of = (report: TopicReport, figure: Figure = String): string => {
  const { subject, topics, verdict } = report
  const { expected, missing } = total(topics)
  const all = Plural.counted(expected, subject.one, subject.many, figure)
  if (expected === 0) return `Not proven: there is no ${subject.one} to measure by.`
  if (missing === 0) {
    const came = expected === 1 ? `the one ${subject.one} came` : `all ${all} came`
    return verdict === "complete"
      ? `Complete: ${came}.`
      : `Not proven: ${came}, but not everything that was given could be counted.`
  }
  const lacking = topics.filter((topic) => topic.missing > 0).length
  const where =
    topics.length === 1
      ? ""
      : `, from ${figure(lacking)} of ${Plural.counted(topics.length, "topic", "topics", figure)}`
  return `Incomplete: ${figure(missing)} of ${all} ${missing === 1 ? "is" : "are"} missing${where}.`
}

/** What is to be known beside the verdict: what was not read, rejected, left out, not judged. Nothing where all was counted. */
export const notCounted = (report: TopicReport, figure: Figure = String): string | undefined => {
  const { allowedRejected, leftOut, notJudged = [], rejected, unread } = report
  const count = (amount: number, one: string, many: string) =>
    amount === 0 ? [] : [Plural.counted(amount, one, many, figure)]
  const allowed = rejected.count <= allowedRejected ? ", as many as are allowed" : ""
  const found = [
    ...count(unread.length, "source not read to its end", "sources not read to their end"),
    ...count(rejected.count, `record rejected${allowed}`, `records rejected${allowed}`),
    ...count(leftOut.count, "file left out", "files left out"),
    ...count(
      notJudged.reduce((sum, one) => sum + one.count, 0),
      "that cannot be judged",
      "that cannot be judged"
    )
  ]
  return found.length === 0 ? undefined : `Not counted: ${found.join("; ")}.`
}
