/** Sessions that are alike: what calibration tells apart. */
import { Schema } from "effect"
import type { Participant, Session } from "./ConversationRecord.js"

/** A class of sessions: by who takes part, over which medium, in which kinds of segments. All in lower case. */
export const SessionClass = Schema.Struct({
  purpose: Schema.String,
  mediaType: Schema.String,
  /** Sorted, each once. */
  segmentTypes: Schema.Array(Schema.String)
}).annotations({ identifier: "SessionClass" })

/** See {@link SessionClass}. */
export type SessionClass = typeof SessionClass.Type

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
