/** Observations to make pages of. */
import { SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import * as HtmlReport from "@genesys-replay/eventlog/HtmlReport"
import { DateTime } from "effect"

/** A report and what it was made from. */
export interface Case {
  readonly report: SequenceReport.CompletenessReport
  readonly trackers: ReadonlyMap<string | null, SequenceTracker.SequenceTracker>
}

/** One group: the indices from 1 to `size` that `came`, a second apart, then those of `again`. */
export const group = (
  name: string | null,
  size: number,
  came: (index: number) => boolean,
  options: { readonly maxMissing?: number; readonly inferred?: boolean; readonly again?: ReadonlyArray<number> } = {}
): Case => {
  const tracker = SequenceTracker.make()
  for (let index = 1; index <= size; index++) {
    if (came(index)) SequenceTracker.observe(tracker, index, new Date(1_705_305_600_000 + index * 1_000).toISOString())
  }
  for (const index of options.again ?? []) SequenceTracker.observe(tracker, index)
  const one = SequenceVerification.report(tracker, {
    group: name,
    expected: options.inferred === true ? {} : { start: 1, end: size },
    maxMissing: options.maxMissing ?? 20
  })
  return {
    report: SequenceReport.make({ groups: [one] }),
    trackers: new Map([[name, tracker]])
  }
}

/** Several groups in one report. */
export const together = (
  cases: ReadonlyArray<Case>,
  notCounted: Omit<SequenceReport.Measured, "groups"> = {}
): Case => {
  const groups = cases.flatMap(({ report }) => report.groups)
  return {
    report: SequenceReport.make({ groups, ...notCounted }),
    trackers: new Map(cases.flatMap(({ trackers }) => [...trackers]))
  }
}

/** When every page here says that it was made. */
export const generatedAt = DateTime.unsafeMake("2024-01-16T09:30:00.250Z")

/** The page of a case. */
export const page = (one: Case, options: Partial<HtmlReport.HtmlReportOptions> = {}): string =>
  HtmlReport.render(one.report, { trackers: one.trackers, generatedAt, ...options })

const evil = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"' onload=`x` &lt;\u202e\u0007"

/** Everything at once: gaps of all kinds, duplicates, reordering, an inferred range, what was rejected, names out to harm. */
export const everything = (): { readonly one: Case; readonly options: Partial<HtmlReport.HtmlReportOptions> } => ({
  one: together(
    [
      group("outage-2024-01-15", 60_000, (index) => index !== 31_337 && !(index > 12_000 && index <= 16_000), {
        again: [5, 6, 7, 60_001]
      }),
      group("scattered", 30_000, (index) => index % 7 !== 0),
      group(evil, 300, (index) => index % 3 !== 0 || index > 200, { maxMissing: 30 }),
      group("one", 1, () => true),
      group("none of it", 50, () => false),
      group("x".repeat(3_000), 40, (index) => index !== 9),
      group(null, 400, () => true, { inferred: true })
    ],
    {
      rejected: { count: 12, first: [{ source: `${evil}.ndjson`, line: 7, reason: `not JSON: ${evil}` }] },
      unread: [{ source: evil, reason: `${evil} cannot be read`, bytesRead: 0 }],
      leftOut: { count: 1, first: [{ source: evil, reason: evil }] }
    }
  ),
  options: {
    title: `Incident 42: ${evil}`,
    sources: [
      { source: "captured/a.ndjson", bytes: 1_430_112_004, lines: 1_500_321 },
      { source: evil, bytes: 12, lines: 1 }
    ]
  }
})
