/** Operations on buses, their rules and targets, and the one that puts events on them. */
import { Clock, Data, Effect, Option, Schema } from "effect"
import { Settings } from "../../faults/Settings.js"
import { SeededRandom } from "../../world/SeededRandom.js"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
import { implement } from "../AwsJson.js"
import * as Page from "../Page.js"
import type { BusEvent } from "./BusEvent.js"
import { Delivery } from "./Delivery.js"
import * as Api from "./EventBridgeApi.js"
import * as EventBuses from "./EventBuses.js"

const busDocument = (bus: EventBuses.EventBus) => ({
  Arn: bus.arn,
  Name: bus.name,
  Description: bus.description,
  CreationTime: bus.createdAt,
  LastModifiedTime: bus.changedAt
})

const ruleDocument = (rule: EventBuses.Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: Option.getOrUndefined(Option.map(rule.pattern, ({ text }) => text)),
  State: rule.enabled ? "ENABLED" : "DISABLED",
  Description: rule.description,
  ScheduleExpression: rule.scheduleExpression,
  RoleArn: rule.roleArn,
  EventBusName: rule.bus
})

const targetsPerRule = 5

const partner = "aws.partner/"

type Entry = (typeof Api.PutEvents.input.Type)["Entries"][number]

const Detail = Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
const decodeDetail = Schema.decodeUnknownOption(Detail)

/** Why an entry was not put; the others of its request are. */
class EntryRefused extends Data.TaggedError("EntryRefused")<{ readonly code: string; readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

const required = (name: string) =>
  new EntryRefused({
    code: "InvalidArgument",
    reason: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`
  })

const largest = 262_144

const sizeOf = (entry: Entry): number =>
  [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])].reduce(
    (size, text) => size + new TextEncoder().encode(text ?? "").length,
    entry.Time === undefined ? 0 : 14
  )

/** The operations. */
export const make = Effect.gen(function* () {
  const { seed } = yield* Settings
  const buses = yield* EventBuses.EventBuses
  const delivery = yield* Delivery
  const ids = SeededRandom.of(seed, "event ids")

  const changeTargets = (
    input: { readonly Rule: string; readonly EventBusName?: string | undefined },
    change: (
      targets: ReadonlyArray<EventBuses.Target>
    ) => Effect.Effect<ReadonlyArray<EventBuses.Target>, AwsError.AwsError>
  ) =>
    buses.changeRule(Arn.busNamed(input.EventBusName), input.Rule, (rule) =>
      Effect.map(change(rule.targets), (targets) => ({ ...rule, targets }))
    )

  const switchRule = (enabled: boolean) => (input: typeof Api.EnableRule.input.Type) =>
    Effect.as(
      buses.changeRule(Arn.busNamed(input.EventBusName), input.Name, (rule) => Effect.succeed({ ...rule, enabled })),
      {}
    )

  /** The event of an entry, where there is nothing wrong with it. */
  const eventOf = Effect.fnUntraced(function* (entry: Entry) {
    const { Detail: detail, DetailType: detailType, Source: source } = entry
    if (source === undefined || source === "") return yield* required("Source")
    if (detailType === undefined || detailType === "") return yield* required("DetailType")
    if (detail === undefined || detail === "") return yield* required("Detail")
    const name = Arn.busNamed(entry.EventBusName)
    // A partner puts events on the bus that is named after its source; everything else of AWS's is AWS's.
    if (source.startsWith("aws.") && !(source.startsWith(partner) && source === name)) {
      return yield* new EntryRefused({
        code: "NotAuthorizedForSourceException",
        reason: "Not authorized for the source."
      })
    }
    const bus = yield* Effect.mapError(
      buses.get(name),
      ({ reason }) => new EntryRefused({ code: "ResourceNotFoundException", reason })
    )
    const parsed = decodeDetail(detail)
    if (Option.isNone(parsed))
      return yield* new EntryRefused({ code: "MalformedDetail", reason: "Detail is malformed." })
    const event: BusEvent = {
      id: ids.uuid(),
      detailType,
      source,
      at: entry.Time ?? (yield* Clock.currentTimeMillis),
      resources: entry.Resources ?? [],
      detail: parsed.value
    }
    return { bus: bus.name, event }
  })

  const putEvents = Effect.fnUntraced(function* ({ Entries }: typeof Api.PutEvents.input.Type) {
    if (Entries.reduce((size, entry) => size + sizeOf(entry), 0) > largest) {
      return yield* AwsError.validation("Total size of the entries in the request is over the limit.")
    }
    const results = yield* Effect.forEach(Entries, (entry) => Effect.either(eventOf(entry)))
    const accepted = results.flatMap((result) => (result._tag === "Right" ? [result.right] : []))
    for (const name of new Set(accepted.map(({ bus }) => bus))) {
      yield* delivery.put(
        name,
        accepted.flatMap(({ bus, event }) => (bus === name ? [event] : []))
      )
    }
    return {
      FailedEntryCount: results.length - accepted.length,
      Entries: results.map((result) =>
        result._tag === "Right"
          ? { EventId: result.right.event.id }
          : { ErrorCode: result.left.code, ErrorMessage: result.left.reason }
      )
    }
  })

  return [
    implement(Api.CreateEventBus, ({ Description, EventSourceName, Name }) =>
      Effect.gen(function* () {
        if (EventSourceName !== undefined && EventSourceName !== Name) {
          return yield* AwsError.validation("Event bus name must match the partner event source name.")
        }
        if (Name.includes("/") && EventSourceName === undefined) {
          return yield* AwsError.validation("Event bus name must not contain '/'.")
        }
        const bus = yield* buses.create(Name, Description)
        return { EventBusArn: bus.arn, Description }
      })
    ),
    implement(Api.DescribeEventBus, ({ Name }) => Effect.map(buses.get(Arn.busNamed(Name)), busDocument)),
    implement(Api.DeleteEventBus, ({ Name }) => Effect.as(buses.remove(Name), {})),
    implement(Api.ListEventBuses, ({ Limit, NamePrefix = "", NextToken }) =>
      Effect.gen(function* () {
        const all = (yield* buses.all).filter(({ name }) => name.startsWith(NamePrefix))
        const page = yield* Page.of(all, { limit: Limit, token: NextToken })
        return { EventBuses: page.items.map(busDocument), NextToken: page.next }
      })
    ),
    implement(Api.PutEvents, putEvents),
    implement(Api.PutRule, (input) =>
      Effect.gen(function* () {
        if (input.EventPattern === undefined && input.ScheduleExpression === undefined) {
          return yield* AwsError.validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        }
        const bus = Arn.busNamed(input.EventBusName)
        if (input.ScheduleExpression !== undefined && bus !== Arn.defaultBus) {
          return yield* AwsError.validation("ScheduleExpression is supported only on the default event bus.")
        }
        const rule = yield* buses.putRule({
          name: input.Name,
          bus,
          description: input.Description,
          pattern: yield* EventBuses.pattern(input.EventPattern),
          scheduleExpression: input.ScheduleExpression,
          roleArn: input.RoleArn,
          enabled: input.State !== "DISABLED"
        })
        return { RuleArn: rule.arn }
      })
    ),
    implement(Api.DescribeRule, (input) =>
      Effect.map(buses.rule(Arn.busNamed(input.EventBusName), input.Name), ruleDocument)
    ),
    implement(Api.EnableRule, switchRule(true)),
    implement(Api.DisableRule, switchRule(false)),
    implement(Api.DeleteRule, (input) => Effect.as(buses.removeRule(Arn.busNamed(input.EventBusName), input.Name), {})),
    implement(Api.ListRules, ({ EventBusName, Limit, NamePrefix = "", NextToken }) =>
      Effect.gen(function* () {
        const all = (yield* buses.rules(Arn.busNamed(EventBusName))).filter(({ name }) => name.startsWith(NamePrefix))
        const page = yield* Page.of(all, { limit: Limit, token: NextToken })
        return { Rules: page.items.map(ruleDocument), NextToken: page.next }
      })
    ),
    implement(Api.PutTargets, (input) =>
      Effect.gen(function* () {
        const refused = input.Targets.filter((target) => Option.isNone(Arn.queueName(target.Arn)))
        const taken = input.Targets.filter((target) => !refused.includes(target))
        yield* changeTargets(input, (before) => {
          const targets = new Map([...before, ...taken].map((target) => [target.Id, target] as const))
          return targets.size > targetsPerRule ? AwsError.tooMany : Effect.succeed([...targets.values()])
        })
        return {
          FailedEntryCount: refused.length,
          FailedEntries: refused.map((target) => ({
            TargetId: target.Id,
            ErrorCode: "ValidationException",
            ErrorMessage: `Parameter ${target.Arn} is not valid. Reason: The sandbox sends to SQS queues of ${Arn.account} in ${Arn.region} only.`
          }))
        }
      })
    ),
    implement(Api.RemoveTargets, (input) =>
      Effect.as(
        changeTargets(input, (before) => Effect.succeed(before.filter(({ Id }) => !input.Ids.includes(Id)))),
        { FailedEntryCount: 0, FailedEntries: [] }
      )
    ),
    implement(Api.ListTargetsByRule, ({ EventBusName, Limit, NextToken, Rule }) =>
      Effect.gen(function* () {
        const { targets } = yield* buses.rule(Arn.busNamed(EventBusName), Rule)
        const page = yield* Page.of(targets, { limit: Limit, token: NextToken })
        return { Targets: page.items, NextToken: page.next }
      })
    )
  ]
})
