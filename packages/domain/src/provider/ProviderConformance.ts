/**
 * What every provider of replays has to keep, as checks that any test framework can run: for those who implement `ReplayProvider`. The
 * providers of this project are held to the same.
 */
import { Effect, Option, Schema, Stream } from "effect"
import type { PlannedWindow } from "../plan/PlannedWindow.js"
import { ReplayId } from "./EventStream.js"
import type { AnyProviderError } from "./ProviderError.js"
import { ReplayProvider, type Submission } from "./ReplayProvider.js"

/** A provider does not keep a rule. */
export class NotConforming extends Schema.TaggedError<NotConforming>()("NotConforming", {
  /** The rule. */
  rule: Schema.String,
  /** What came instead. */
  found: Schema.String
}) {
  override get message(): string {
    return `the provider ${this.rule}: not so, ${this.found}. ${this.remedy}`
  }
  /** What to do about it. */
  get remedy(): string {
    return "See the operation in ReplayProvider, which says what is expected of it"
  }
}

/** The windows that the checks submit: nothing stands under their name when a check begins. */
export interface Windows {
  readonly window: PlannedWindow
  /** Of the same name, with another payload and payload hash. */
  readonly other: PlannedWindow
}

/** One rule. Its check is for a provider of its own, with nothing left from another check. */
export interface Rule {
  /** What holds of the provider; it completes a sentence that begins with it. */
  readonly rule: string
  readonly check: (windows: Windows) => Effect.Effect<void, NotConforming | AnyProviderError, ReplayProvider>
}

type Provider = ReplayProvider["Type"]

// What the operation fails with, by its tag; nothing where it goes well.
const failureOf = <A, E extends { readonly _tag: string }>(operation: Effect.Effect<A, E>) =>
  Effect.match(operation, { onFailure: ({ _tag }): string => _tag, onSuccess: () => "no error" })

type Check = (
  provider: Provider,
  windows: Windows,
  expect: (found: unknown, wanted: unknown, what: string) => Effect.Effect<void, NotConforming>
) => Effect.Effect<void, NotConforming | AnyProviderError>

const nobody = ReplayId.make("no-such-replay")

const rule = (rule: string, check: Check): Rule => ({
  rule,
  check: (windows) =>
    Effect.flatMap(ReplayProvider, (provider) =>
      check(provider, windows, (found, wanted, what) =>
        found === wanted
          ? Effect.void
          : new NotConforming({ rule, found: `${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}` })
      )
    )
})

const found = ({ list }: Provider, name?: string) =>
  Effect.map(Stream.runCollect(list(name === undefined ? {} : { name })), (all) => [...all].map(({ id }) => id))

const has = (provider: Provider, { replay }: Submission) =>
  Effect.map(
    provider.findByName(replay.name),
    Option.exists(({ id }) => id === replay.id)
  )

/**
 * All rules.
 *
 * @example
 * ```ts
 * import type { ReplayProvider } from "@genesys-replay/domain"
 * import { ProviderConformance } from "@genesys-replay/domain/testing"
 * import { Effect, Layer } from "effect"
 *
 * // With a framework each rule is a test of its own: it.live(rule, () => Effect.provide(check(windows), provider)).
 * export const conforms = (
 *   windows: ProviderConformance.Windows,
 *   provider: Layer.Layer<ReplayProvider.ReplayProvider>
 * ) =>
 *   Effect.forEach(ProviderConformance.rules, ({ check }) => Effect.provide(check(windows), Layer.fresh(provider)))
 * ```
 */
export const rules: ReadonlyArray<Rule> = [
  rule("starts one replay for a window, however often it is submitted", (provider, { window }, expect) =>
    Effect.gen(function* () {
      const first = yield* provider.submit(window)
      yield* expect(first.outcome, "created", "the first outcome")
      const second = yield* provider.submit(window)
      yield* expect(second.outcome, "unchanged", "the second outcome")
      yield* expect(second.replay.id, first.replay.id, "the id of the second submission")
      yield* expect((yield* found(provider, window.name)).length, 1, "the number of replays of that name")
    })
  ),
  rule(
    "starts one replay also where the same window is submitted twice at the same time",
    (provider, { window }, expect) =>
      Effect.gen(function* () {
        const ids = yield* Effect.all([provider.submit(window), provider.submit(window)], { concurrency: 2 })
        yield* expect(ids[0].replay.id, ids[1].replay.id, "the id of one submission")
        yield* expect((yield* found(provider, window.name)).length, 1, "the number of replays of that name")
      })
  ),
  rule(
    "refuses a name that another payload has, and leaves what stands there as it is",
    (provider, { other, window }, expect) =>
      Effect.gen(function* () {
        const submission = yield* provider.submit(window)
        yield* expect(yield* failureOf(provider.submit(other)), "ReplayConflict", "what submitting fails with")
        yield* expect(yield* has(provider, submission), true, "whether the first replay still has the name")
      })
  ),
  rule(
    "says of a plan that its name is taken, and starts nothing when it is asked",
    (provider, { other, window }, expect) =>
      Effect.gen(function* () {
        yield* provider.check(window)
        yield* expect((yield* found(provider, window.name)).length, 0, "the number of replays after a question")
        yield* provider.submit(window)
        const findings = yield* provider.check(other)
        yield* expect(findings.find(({ severity }) => severity === "error")?.code, "name-taken", "the first error")
      })
  ),
  rule("finds a replay by exactly its name, by its id and in its list", (provider, { window }, expect) =>
    Effect.gen(function* () {
      const submission = yield* provider.submit(window)
      const { replay } = submission
      yield* expect(replay.name, window.name, "the name of the replay")
      yield* expect(replay.provider, provider.provider, "the provider of the replay")
      yield* expect(yield* has(provider, submission), true, "whether it is found by its name")
      const half = yield* provider.findByName(window.name.slice(0, -1))
      yield* expect(Option.isNone(half), true, "whether nothing is found by a part of the name")
      yield* expect((yield* provider.describe(replay.id)).name, window.name, "the name of the described replay")
      yield* expect((yield* found(provider)).includes(replay.id), true, "whether the list has it")
    })
  ),
  rule("knows no replay that it has not started", (provider, _, expect) =>
    Effect.gen(function* () {
      yield* expect(yield* failureOf(provider.describe(nobody)), "ReplayNotFound", "what describing fails with")
      yield* expect(yield* failureOf(provider.cancel(nobody)), "ReplayNotFound", "what cancelling fails with")
    })
  ),
  rule("stops a replay that is cancelled", (provider, { window }, expect) =>
    Effect.gen(function* () {
      const { replay } = yield* provider.submit(window)
      yield* provider.cancel(replay.id)
      // It stops, has stopped, or is there no more: each is how a provider may say so.
      const stopped = yield* provider.describe(replay.id).pipe(
        Effect.map(({ progress }) => progress.state === "CANCELLING" || progress.state === "CANCELLED"),
        Effect.catchTag("ReplayNotFound", () => Effect.succeed(true))
      )
      yield* expect(stopped, true, "whether it has stopped")
    })
  )
]
