/** Event buses with their rules, and the rules with their targets. */
import { Clock, Context, Effect, HashMap, Layer, Option, SynchronizedRef } from "effect"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
import * as EventPattern from "./EventPattern.js"

/** Where a rule sends its events: a queue. */
export interface Target {
  readonly Id: string
  readonly Arn: string
  /** The queue for what cannot be delivered. */
  readonly DeadLetterConfig?: { readonly Arn?: string | undefined } | undefined
  /** Kept as it is: the sandbox tries once. */
  readonly RetryPolicy?:
    | {
        readonly MaximumRetryAttempts?: number | undefined
        readonly MaximumEventAgeInSeconds?: number | undefined
      }
    | undefined
  readonly RoleArn?: string | undefined
  /** JSON that is sent instead of the event. */
  readonly Input?: string | undefined
  /** Which part of the event is sent: `$.detail`. */
  readonly InputPath?: string | undefined
  /** A text made of parts of the event. */
  readonly InputTransformer?:
    | {
        readonly InputPathsMap?: { readonly [name: string]: string } | undefined
        readonly InputTemplate: string
      }
    | undefined
}

/** A rule. */
export interface Rule {
  readonly name: string
  readonly arn: string
  readonly bus: string
  readonly description: string | undefined
  /** None in rules that run on a schedule; the sandbox keeps those, and does not run them. */
  readonly pattern: Option.Option<EventPattern.EventPattern>
  readonly scheduleExpression: string | undefined
  readonly roleArn: string | undefined
  readonly enabled: boolean
  readonly targets: ReadonlyArray<Target>
}

/** A bus. */
export interface EventBus {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly changedAt: number
  readonly rules: HashMap.HashMap<string, Rule>
}

/** What makes a rule. */
export type RuleDefinition = Omit<Rule, "arn" | "targets">

/** The operations. They fail with `ResourceNotFoundException` where the bus or the rule is not there. */
export interface Service {
  /** A new bus. Fails with `ResourceAlreadyExistsException`. */
  readonly create: (name: string, description?: string) => Effect.Effect<EventBus, AwsError.AwsError>
  readonly get: (name: string) => Effect.Effect<EventBus, AwsError.AwsError>
  readonly remove: (name: string) => Effect.Effect<void, AwsError.AwsError>
  /** Every bus, by name. */
  readonly all: Effect.Effect<ReadonlyArray<EventBus>>
  /** Makes a rule or changes it; its targets stay. Fails with `LimitExceededException` after the 300th of a bus. */
  readonly putRule: (rule: RuleDefinition) => Effect.Effect<Rule, AwsError.AwsError>
  readonly rule: (bus: string, name: string) => Effect.Effect<Rule, AwsError.AwsError>
  /** Every rule of a bus, by name. */
  readonly rules: (bus: string) => Effect.Effect<ReadonlyArray<Rule>, AwsError.AwsError>
  /** Changes a rule that is there. */
  readonly changeRule: (
    bus: string,
    name: string,
    change: (rule: Rule) => Effect.Effect<Rule, AwsError.AwsError>
  ) => Effect.Effect<void, AwsError.AwsError>
  /** Fails with `ValidationException` while the rule has targets. No rule of this name is fine. */
  readonly removeRule: (bus: string, name: string) => Effect.Effect<void, AwsError.AwsError>
}

const rulesPerBus = 300

const byName = <A extends { readonly name: string }>(values: Iterable<A>): ReadonlyArray<A> =>
  [...values].sort((left, right) => (left.name < right.name ? -1 : 1))

const busMissing = (name: string) => AwsError.resourceNotFound(`Event bus ${name} does not exist.`)

const ruleMissing = (bus: string, name: string) =>
  AwsError.resourceNotFound(`Rule ${name} does not exist on EventBus ${bus}.`)

const busOf = (buses: HashMap.HashMap<string, EventBus>, name: string) =>
  Effect.mapError(HashMap.get(buses, name), () => busMissing(name))

const ruleOf = (bus: EventBus, name: string) =>
  Effect.mapError(HashMap.get(bus.rules, name), () => ruleMissing(bus.name, name))

/** Reads a pattern that a request brought. Fails with `InvalidEventPatternException`. */
export const pattern = (
  text: string | undefined
): Effect.Effect<Option.Option<EventPattern.EventPattern>, AwsError.AwsError> =>
  text === undefined
    ? Effect.succeedNone
    : Effect.asSome(Effect.mapError(EventPattern.parse(text), (error) => AwsError.invalidEventPattern(error.message)))

/** The buses of this sandbox. */
export class EventBuses extends Context.Tag("@genesys-replay/sandbox/EventBuses")<EventBuses, Service>() {
  /** In memory. The default bus is there from the beginning. */
  static readonly layer = Layer.effect(
    EventBuses,
    Effect.gen(function* () {
      const make = (name: string, description: string | undefined) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now): EventBus => ({
            name,
            arn: Arn.eventBus(name),
            description,
            createdAt: now,
            changedAt: now,
            rules: HashMap.empty()
          })
        )
      const first = yield* make(Arn.defaultBus, undefined)
      const state = yield* SynchronizedRef.make(HashMap.make([first.name, first]))

      /** Changes the rules of a bus. */
      const change = (name: string, next: (bus: EventBus) => Effect.Effect<EventBus["rules"], AwsError.AwsError>) =>
        SynchronizedRef.updateEffect(state, (buses) =>
          Effect.gen(function* () {
            const bus = yield* busOf(buses, name)
            return HashMap.set(buses, name, { ...bus, rules: yield* next(bus) })
          })
        )

      const get = (name: string) => Effect.flatMap(SynchronizedRef.get(state), (buses) => busOf(buses, name))

      const create = Effect.fn("EventBuses.create")(function* (name: string, description?: string) {
        const bus = yield* make(name, description)
        yield* SynchronizedRef.updateEffect(state, (buses) =>
          HashMap.has(buses, name)
            ? AwsError.resourceAlreadyExists(`Event bus ${name} already exists.`)
            : Effect.succeed(HashMap.set(buses, name, bus))
        )
        return bus
      })

      const remove = Effect.fn("EventBuses.remove")(function* (name: string) {
        if (name === Arn.defaultBus) return yield* AwsError.validation("Cannot delete event bus default.")
        yield* SynchronizedRef.update(state, HashMap.remove(name))
      })

      const putRule = Effect.fn("EventBuses.putRule")(function* (definition: RuleDefinition) {
        const { bus: busName, name } = definition
        yield* change(busName, (bus) => {
          const before = HashMap.get(bus.rules, name)
          if (Option.isNone(before) && HashMap.size(bus.rules) >= rulesPerBus) {
            return AwsError.tooMany
          }
          const targets = Option.match(before, { onNone: () => [], onSome: (rule) => rule.targets })
          const arn = Arn.rule(busName, name)
          return Effect.succeed(HashMap.set(bus.rules, name, { ...definition, arn, targets }))
        })
        return yield* Effect.flatMap(get(busName), (bus) => ruleOf(bus, name))
      })

      return EventBuses.of({
        create,
        get,
        remove,
        all: Effect.map(SynchronizedRef.get(state), (buses) => byName(HashMap.values(buses))),
        putRule,
        rule: (bus, name) => Effect.flatMap(get(bus), (found) => ruleOf(found, name)),
        rules: (name) => Effect.map(get(name), (bus) => byName(HashMap.values(bus.rules))),
        changeRule: (busName, name, next) =>
          change(busName, (bus) =>
            Effect.map(Effect.flatMap(ruleOf(bus, name), next), (rule) => HashMap.set(bus.rules, name, rule))
          ),
        removeRule: (busName, name) =>
          change(busName, (bus) => {
            const targets = Option.match(HashMap.get(bus.rules, name), {
              onNone: () => 0,
              onSome: (_) => _.targets.length
            })
            return targets > 0
              ? AwsError.validation("Rule can't be deleted since it has targets.")
              : Effect.succeed(HashMap.remove(bus.rules, name))
          })
      })
    })
  )
}
