/** What there is to say of the rules that see the events of a bus, and of their targets. */
import type { Rule, Target } from "@aws-sdk/client-eventbridge"
import { CheckOutcome, Plural } from "@genesys-replay/domain"
import { Array as Arr, Chunk, Effect, Option, Stream } from "effect"
import * as Archives from "../archive/Archives.js"
import * as AwsCall from "../aws/AwsCall.js"
import type { RegionClients } from "./RegionClients.js"

/** A rule with its targets. */
export interface RuleOnBus {
  readonly name: string
  /** The name of the bus. */
  readonly bus: string
  readonly isEnabled: boolean
  readonly targets: ReadonlyArray<Pick<Target, "Id" | "Arn" | "DeadLetterConfig" | "RoleArn">>
}

/** The rules of a bus, as far as they were looked at. */
export interface RulesOfBus {
  /** The name of the bus. */
  readonly bus: string
  readonly rules: ReadonlyArray<RuleOnBus>
  /** Whether these are the rules that windows name, of which those that are missing or disabled are findings about the windows. */
  readonly isNamed: boolean
  /** How many more there are, which were not looked at. */
  readonly unread: number
}

interface Found {
  readonly rules: ReadonlyArray<Pick<Rule, "Name" | "State">>
  readonly unread: number
}

/** The most rules of a bus that are looked at. */
export const mostRules = 100

// The rule of an archive, which AWS made for itself.
const isManaged = ({ ManagedBy = "" }: Rule): boolean => ManagedBy !== ""

const listed = ({ client, config }: RegionClients, bus: string) =>
  Stream.paginateChunkEffect(Option.none<string>(), (token) => {
    const request = client.listRules({
      EventBusName: bus,
      ...Option.match(token, { onNone: () => ({}), onSome: (NextToken) => ({ NextToken }) })
    })
    return AwsCall.repeatable(config, "ListRules", request).pipe(
      AwsCall.plain,
      Effect.map(({ NextToken, Rules = [] }) => [Chunk.fromIterable(Rules), Archives.nextPage(NextToken)])
    )
  }).pipe(
    Stream.filter((rule) => !isManaged(rule)),
    Stream.runCollect,
    Effect.map(
      (all): Found => ({
        rules: Chunk.toReadonlyArray(Chunk.take(all, mostRules)),
        unread: Math.max(0, all.length - mostRules)
      })
    )
  )

const described = ({ client, config }: RegionClients, bus: string, names: ReadonlyArray<string>) =>
  Effect.forEach(
    names.slice(0, mostRules),
    (Name) =>
      AwsCall.found(AwsCall.repeatable(config, "DescribeRule", client.describeRule({ Name, EventBusName: bus }))),
    { concurrency: 4 }
  ).pipe(Effect.map((found): Found => ({ rules: Arr.getSomes(found), unread: Math.max(0, names.length - mostRules) })))

const targetsOf = ({ client, config }: RegionClients, bus: string, rule: string) =>
  AwsCall.found(
    AwsCall.repeatable(config, "ListTargetsByRule", client.listTargetsByRule({ Rule: rule, EventBusName: bus }))
  ).pipe(Effect.map(Option.match({ onNone: () => [], onSome: ({ Targets = [] }) => Targets })))

/**
 * The rules of the bus of this name, with the targets of those that are enabled: the named ones that are there, or all, but for those
 * that AWS made for itself.
 */
export const check = Effect.fn("RuleHealth.check")(function* (
  region: RegionClients,
  bus: string,
  named: ReadonlyArray<string>
) {
  const isNamed = named.length > 0
  const { rules, unread } = yield* isNamed ? described(region, bus, named) : listed(region, bus)
  const withTargets = yield* Effect.forEach(
    rules,
    ({ Name = "", State }) => {
      const isEnabled = State !== "DISABLED"
      const targets = isEnabled ? targetsOf(region, bus, Name) : Effect.succeed([])
      return Effect.map(targets, (found): RuleOnBus => ({ name: Name, bus, isEnabled, targets: found }))
    },
    { concurrency: 4 }
  )
  return { bus, isNamed, rules: withTargets, unread } satisfies RulesOfBus
})

const told = ({ bus, name }: Pick<RuleOnBus, "bus" | "name">): string => `rule ${name} of ${bus}`

const unreadOf = (buses: ReadonlyArray<RulesOfBus>): string => {
  const count = buses.reduce((sum, { unread }) => sum + unread, 0)
  return count === 0 ? "" : `; ${count} more were not looked at`
}

const enabledOf = (buses: ReadonlyArray<RulesOfBus>): ReadonlyArray<RuleOnBus> =>
  buses.flatMap(({ rules }) => rules.filter(({ isEnabled }) => isEnabled))

const ofOneBus = ({ bus, isNamed, rules }: RulesOfBus): CheckOutcome.CheckOutcome => {
  if (isNamed) return CheckOutcome.ok("")
  const disabled = rules.filter(({ isEnabled }) => !isEnabled)
  if (rules.length === 0) {
    return CheckOutcome.failed(`${bus} has no rule: nobody gets its events`, "Create a rule with a target on the bus")
  }
  const names = CheckOutcome.together(disabled.map(({ name }) => name))
  if (disabled.length === 0) return CheckOutcome.ok("")
  return (disabled.length === rules.length ? CheckOutcome.failed : CheckOutcome.warning)(
    `${disabled.length} of ${Plural.counted(rules.length, "rule")} of ${bus} ${disabled.length === 1 ? "is" : "are"} disabled: ${names}`,
    "Enable what should deliver: aws events enable-rule"
  )
}

/** Whether there are rules that are enabled. */
export const ofRules = (buses: ReadonlyArray<RulesOfBus>): CheckOutcome.CheckOutcome => {
  const count = enabledOf(buses).length
  const good = CheckOutcome.ok(`${Plural.counted(count, "rule")} enabled${unreadOf(buses)}`)
  return CheckOutcome.worst(buses.map(ofOneBus), good)
}

/** Whether every rule that is enabled delivers to something. */
export const ofTargets = (buses: ReadonlyArray<RulesOfBus>): CheckOutcome.CheckOutcome => {
  const enabled = enabledOf(buses)
  const targets = enabled.flatMap((rule) => rule.targets)
  return CheckOutcome.worst(
    enabled
      .filter((rule) => rule.targets.length === 0)
      .map((rule) =>
        CheckOutcome.failed(
          `${told(rule)} has no target: what it matches goes nowhere`,
          "Give it a target: aws events put-targets"
        )
      ),
    CheckOutcome.ok(`${Plural.counted(targets.length, "target")} of ${Plural.counted(enabled.length, "enabled rule")}`)
  )
}

/** Whether what a target does not take is kept. Source: AWS tries for 24 hours or 185 times, and then drops the event. */
export const ofDeadLetters = (buses: ReadonlyArray<RulesOfBus>): CheckOutcome.CheckOutcome => {
  const without = enabledOf(buses).flatMap((rule) =>
    rule.targets
      .filter(({ DeadLetterConfig }) => (DeadLetterConfig?.Arn ?? "") === "")
      .map(({ Id = "" }) => `target ${Id} of ${told(rule)}`)
  )
  return without.length === 0
    ? CheckOutcome.ok("every target has a dead-letter queue")
    : CheckOutcome.warning(
        `without a dead-letter queue, what cannot be delivered within 24 hours is dropped: ${CheckOutcome.together(without)}`,
        "Give each target a DeadLetterConfig: aws events put-targets"
      )
}
