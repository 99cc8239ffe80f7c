/** What of the sources was not counted: not read, rejected, left out; and what was counted that is no record of its own. Every report tells it. */
import type { SequenceReport } from "@genesys-replay/domain"

/** See above. */
export interface NotCounted extends Pick<SequenceReport.CompletenessReport, "unread" | "rejected" | "leftOut"> {
  readonly unwrapped?: SequenceReport.CompletenessReport["unwrapped"] | undefined
}
