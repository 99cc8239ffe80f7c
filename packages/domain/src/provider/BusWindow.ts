/** A window into an event bus, which is what the providers that ship replay. */
import { Effect, Either } from "effect"
import type { Finding } from "../plan/Finding.js"
import type { PlannedWindow } from "../plan/PlannedWindow.js"
import { type EventBus, format } from "../spec/Destination.js"
import { ReplayRefused } from "./ProviderError.js"

/** A planned window whose destination is an event bus. */
export interface BusWindow extends PlannedWindow {
  readonly destination: EventBus
}

/** The window; `no-event-bus` where it was planned for another kind of destination, and so for another provider. */
export const of = (window: PlannedWindow): Either.Either<BusWindow, Finding> => {
  const { destination, name } = window
  return destination._tag === "EventBus"
    ? Either.right({ ...window, destination })
    : Either.left({
        severity: "error",
        code: "no-event-bus",
        window: name,
        path: "destination",
        message: `${format(destination)} is no event bus: the window was planned for ${window.provider}, which replays it`
      })
}

/** {@link of}, for who submits: `ReplayRefused` where it is for another provider. `operation` is what errors call the submission. */
export const orRefused = (window: PlannedWindow, operation: string): Effect.Effect<BusWindow, ReplayRefused> =>
  Effect.mapError(of(window), (finding) => new ReplayRefused({ operation, name: window.name, findings: [finding] }))
