/** How a report came about: what was read, by which rules, and what could not be counted. */
import type { SequenceReport } from "@genesys-replay/domain"
import * as DisplayText from "../../source/DisplayText.js"
import * as HtmlNotCounted from "./HtmlNotCounted.js"
import { html, type Markup } from "./Markup.js"

/** What was read, and how. */
export interface Measure {
  /** Every source with the bytes and lines that were read of it. */
  readonly sources?: HtmlNotCounted.Sources | undefined
  /** Where the index stands in a record; `detail.sequenceIndex` by default. */
  readonly indexPath?: string | undefined
  /** Where the group stands in a record, `replay-name` by default; null where all events are one group. */
  readonly groupBy?: string | null | undefined
}

const longestText = 300

const rules = ({ groupBy, indexPath }: Measure): Markup =>
  html`<p>Every record was read as JSON. Its sequence index stands at <code>${DisplayText.cut(
    indexPath ?? "detail.sequenceIndex",
    longestText,
    "…"
  )}</code>; ${
    groupBy === null
      ? "all events are one group."
      : html`events are grouped by <code>${DisplayText.cut(groupBy ?? "replay-name", longestText, "…")}</code>, and those without it are the live events.`
  } The distinct indices of a group were compared with its expected range, one by one. All counts are exact; nothing is sampled or estimated.</p><p>Coverage is the share of the expected indices that came, rounded down, so that it reads 100 % only where nothing is missing. Event times are those in the events; a gap is described by the events on either side of it.</p>`

/** The section that says it. */
export const render = (report: SequenceReport.CompletenessReport, measure: Measure): Markup =>
  HtmlNotCounted.measureSection(
    rules(measure),
    report,
    [HtmlNotCounted.sourceList(measure.sources ?? [])],
    "None: every record had a sequence index."
  )
