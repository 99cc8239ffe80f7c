/** How windows are planned for one provider: what its destinations are, and the rules of its own. */
import { type DateTime, Option, Schema } from "effect"
import * as Destination from "../spec/Destination.js"
import type { SpecProvider } from "../spec/ReplaySpec.js"
import type { ProviderName } from "../value/ProviderName.js"
import type { RetentionDays } from "../value/RetentionDays.js"
import type { FindingCode } from "./Finding.js"
import type { Unhashed } from "./PlannedWindow.js"
import * as PlanRules from "./PlanRules.js"
import * as TopicPlanRules from "./TopicPlanRules.js"
import type * as WindowOverlap from "./WindowOverlap.js"

export { type Asked, finding, type Rule, type Subject } from "./PlanRules.js"

/** What a plan holds of a window, and each provider decides. */
export type Placed = Pick<Unhashed, "destination" | "end" | "endIsFixed" | "archive">

/** How windows are planned for a provider. */
export interface ReplayPlanner<Destination, Name extends ProviderName = ProviderName>
  extends SpecProvider<Destination, Name>,
    WindowOverlap.Provider<Destination> {
  readonly provider: Name
  /** Everything that may be said of a window, in the order in which it is said. */
  readonly rules: ReadonlyArray<PlanRules.Rule<Destination>>
  /** Whether topics that are retained differently become a replay each; else all of them are in one. */
  readonly isSplit: boolean
  /** The window by the provider's own measure of time: in whole seconds, say. */
  readonly measured: (subject: PlanRules.Subject<Destination>) => PlanRules.Subject<Destination>
  /** Where the events of a window go, and until when they are replayed. */
  readonly placed: (subject: PlanRules.Subject<Destination>, now: DateTime.Utc) => Placed
  /** What planning finds that the provider, when it is asked, knows better. */
  readonly settles: ReadonlyArray<FindingCode>
}

/** What makes the planner of a provider of one's own. */
export interface Definition<Destination, Name extends ProviderName> {
  readonly provider: Name
  /** Reads a destination of a spec. What it encodes one as is what the plan holds, and what the provider gets. */
  readonly destination: Schema.Schema<Destination, string>
  /** What to write where a destination is missing: `the path of a folder`. */
  readonly wanted: string
  /** `window`, unless told: a replay has a start and an end, which is now where the spec names none. `to-now`: it takes no end. */
  readonly reach?: "window" | "to-now" | undefined
  /** How long the provider retains events; `unlimited` unless told. */
  readonly retention?: RetentionDays | "unlimited" | undefined
  /** The rules of its own, behind those that hold for every provider. */
  readonly rules?: ReadonlyArray<PlanRules.Rule<Destination>> | undefined
}

/** The rules that hold for every provider. */
const common = (provider: string, reach: "window" | "to-now", retention: RetentionDays | "unlimited") => [
  PlanRules.startTime(retention),
  PlanRules.endAfterStart,
  ...(reach === "to-now" ? [PlanRules.endIgnored(provider)] : []),
  PlanRules.withinMatrix,
  TopicPlanRules.findings,
  PlanRules.withoutArchiveKeys(provider)
]

/**
 * The planner of a provider of one's own. A spec for it is read by `ReplaySpec.decodeFor`, and planned by `ReplayPlan.makeFor`; its
 * `ReplayProvider` finds the destination of a window as text.
 */
export const make = <Destination, Name extends ProviderName>({
  destination,
  provider,
  reach = "window",
  retention = "unlimited",
  rules = [],
  wanted
}: Definition<Destination, Name>): ReplayPlanner<Destination, Name> => {
  const text = Schema.encodeSync(destination)
  return {
    names: [provider],
    provider,
    destination,
    wanted,
    reach,
    canonical: text,
    called: text,
    rules: [...common(provider, reach, retention), ...rules],
    isSplit: false,
    measured: (subject) => subject,
    placed: ({ end, window }, now) => ({
      destination: Destination.OtherDestination.make({ text: text(window.destination) }),
      end: reach === "to-now" ? Option.none() : Option.orElseSome(end, () => now),
      endIsFixed: reach === "window" && Option.isSome(end),
      archive: Option.none()
    }),
    settles: []
  }
}
