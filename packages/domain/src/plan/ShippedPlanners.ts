/** The planners of the providers that ship, each with its table of rules. */
import { Option } from "effect"
import { shipped } from "../spec/ReplaySpec.js"
import type { EventBusArn } from "../value/EventBusArn.js"
import * as Instant from "../value/Instant.js"
import * as ProviderName from "../value/ProviderName.js"
import * as RetentionDays from "../value/RetentionDays.js"
import * as ArchivePlanRules from "./ArchivePlanRules.js"
import * as PlanRules from "./PlanRules.js"
import * as RegionPlanRules from "./RegionPlanRules.js"
import type { ReplayPlanner } from "./ReplayPlanner.js"
import * as TopicPlanRules from "./TopicPlanRules.js"

type Planner = ReplayPlanner<EventBusArn, ProviderName.Shipped>

const intoBus = {
  ...shipped,
  canonical: ({ canonical }: EventBusArn) => canonical,
  called: ({ bus }: EventBusArn) => bus
}

/** Streams of Genesys Cloud: up to now, from the platform's own retention, one stream for each retention. */
export const genesys = (surroundings: RegionPlanRules.Surroundings): Planner => ({
  ...intoBus,
  provider: ProviderName.genesys,
  reach: "to-now",
  rules: [
    PlanRules.startTime(RetentionDays.maximum),
    PlanRules.retained,
    PlanRules.endAfterStart,
    PlanRules.endIgnored("Genesys Cloud"),
    PlanRules.withinMatrix,
    RegionPlanRules.findings(surroundings),
    TopicPlanRules.findings,
    PlanRules.withoutArchiveKeys("Genesys Cloud")
  ],
  isSplit: true,
  measured: (subject) => subject,
  placed: (subject) => ({
    destination: RegionPlanRules.busOf(subject, surroundings),
    end: Option.none(),
    endIsFixed: false,
    archive: Option.none()
  }),
  // The platform's own catalogue has them.
  settles: ["unknown-topic"]
})

/** Replays from archives of EventBridge, in whole seconds. Each brings every topic of its window: two would bring every event twice. */
export const eventbridge = (surroundings: RegionPlanRules.Surroundings): Planner => ({
  ...intoBus,
  provider: ProviderName.eventbridge,
  reach: "window",
  rules: [
    PlanRules.startTime("unlimited"),
    PlanRules.endAfterStart,
    PlanRules.withinMatrix,
    RegionPlanRules.findings(surroundings, RegionPlanRules.missing),
    TopicPlanRules.findings,
    ArchivePlanRules.findings,
    PlanRules.proofWithoutNumbers("EventBridge")
  ],
  isSplit: false,
  measured: ArchivePlanRules.inWholeSeconds,
  placed: (subject, now) => {
    const { archive, partial = false, rules = [] } = subject.window
    return {
      destination: RegionPlanRules.busOf(subject, surroundings),
      end: Option.orElseSome(subject.end, () => Instant.wholeSecond(now)),
      endIsFixed: Option.isSome(subject.end),
      archive: Option.some({ ...(archive === undefined ? {} : { archive }), rules, partial })
    }
  },
  settles: []
})

/** The planner of a provider that ships. */
export const of = (provider: ProviderName.Shipped, surroundings: RegionPlanRules.Surroundings): Planner =>
  provider === "genesys" ? genesys(surroundings) : eventbridge(surroundings)
