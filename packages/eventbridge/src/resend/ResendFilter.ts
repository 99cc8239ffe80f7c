/** Which events of a capture are sent again: those of a selection, and of these only certain ones. */
import { EventSelection } from "@genesys-replay/domain"
import type { IdentitySet } from "./IdentitySet.js"
import type { Read } from "./ResendEvent.js"

/** What an event has to be; what is not given lets every event pass. */
export interface ResendFilter extends EventSelection.EventSelection {
  /** Events of these ids, and no others. */
  readonly only?: IdentitySet | undefined
}

/** Whether events have to say when they happened. */
export const needsTime = ({ endMs, startMs }: ResendFilter): boolean => startMs !== undefined || endMs !== undefined

/** Whether the filter lets the event pass. */
export const passes = (filter: ResendFilter, { envelope, event }: Read): boolean =>
  (filter.only === undefined || filter.only.has(event.id)) && EventSelection.includes(filter, envelope)
