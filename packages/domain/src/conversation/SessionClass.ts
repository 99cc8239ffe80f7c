/** Sessions that are alike: what calibration tells apart. Loads nothing, so that threads which read records may use it. */
import type { Participant, Session } from "./ConversationRecord.js"

/** A class of sessions: by who takes part, over which medium, in which kinds of segments. All in lower case. */
export interface SessionClass {
  readonly purpose: string
  readonly mediaType: string
  /** Sorted, each once. */
  readonly segmentTypes: ReadonlyArray<string>
}

/** The class of a session. */
export const of = ({ purpose }: Participant, { mediaType, segments }: Session): SessionClass => ({
  purpose,
  mediaType,
  segmentTypes: [...new Set(segments.map(({ segmentType }) => segmentType))].sort()
})

/** The class as one text: the same for classes that are the same, another for others. */
export const key = ({ mediaType, purpose, segmentTypes }: SessionClass): string =>
  JSON.stringify([purpose, mediaType, ...segmentTypes])

/** The class for a person: `agent, voice: alert, interact, wrapup`. */
export const describe = ({ mediaType, purpose, segmentTypes }: SessionClass): string =>
  `${purpose === "" ? "no purpose" : purpose}, ${mediaType === "" ? "no medium" : mediaType}: ${segmentTypes.length === 0 ? "no segments" : segmentTypes.join(", ")}`
