/** What of the sources was not counted: not read, rejected, left out. Every report tells it. */
import type { SequenceReport } from "@genesys-replay/domain"

/** See above. */
export type NotCounted = Pick<SequenceReport.CompletenessReport, "unread" | "rejected" | "leftOut">
