/** Which events of a capture are sent again: those of a selection, and of these only certain ones. */
import { EventSelection } from "@genesys-replay/domain"
import type { OnlyEvents } from "./OnlyEvents.js"
import type { Read } from "./ResendEvent.js"

/** What an event has to be; what is not given lets every event pass. */
export interface ResendFilter extends EventSelection.EventSelection {
  /** These events, and no others. */
  readonly only?: OnlyEvents | undefined
}

/** Whether events have to say when they happened. */
export const needsTime = ({ endMs, startMs }: ResendFilter): boolean => startMs !== undefined || endMs !== undefined

/** Whether the filter lets the event pass, whatever `only` says of it. */
export const passes = (filter: ResendFilter, { envelope }: Read): boolean => EventSelection.includes(filter, envelope)
