/** What `doctor` does. */
import { FileSystem } from "@effect/platform"
import { HealthCheck, RetryPolicy } from "@genesys-replay/domain"
import { Chunk, Duration, Effect, FiberRef, Layer, Logger, LogLevel, Option, Stream } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as Http from "../wiring/Http.js"
import * as DoctorText from "./DoctorText.js"
import * as SpecCheck from "./SpecCheck.js"
import * as StateCheck from "./StateCheck.js"

/** What `--json` prints. */
export const document = HealthCheck.CheckReport

/** The arguments of `doctor`. */
export interface DoctorArguments {
  readonly spec: Option.Option<string>
  readonly json: boolean
}

// Whoever looks wants to hear now that nobody answers.
const retry: RetryPolicy.RetryPolicy = {
  ...RetryPolicy.defaults,
  maxRetries: 1,
  baseDelay: Duration.millis(250),
  maxWait: Duration.seconds(5)
}

/** Every check, those of one area after the other. */
const checksOf = Effect.fn("doctor.checksOf")(function* (file: Option.Option<string>) {
  const spec = yield* SpecCheck.make(file)
  const Genesys = yield* Effect.promise(() => import("@genesys-replay/genesys/Genesys"))
  const GenesysHealth = yield* Effect.promise(() => import("@genesys-replay/genesys/GenesysHealth"))
  const EventBridgeHealth = yield* Effect.promise(() => import("@genesys-replay/eventbridge/EventBridgeHealth"))
  const files = Layer.succeed(FileSystem.FileSystem, yield* FileSystem.FileSystem)
  const genesys = yield* GenesysHealth.make(
    Genesys.layerTuned({ retry }).pipe(Layer.provide([Http.layer, files])),
    spec.windows
  )
  const named = EventBridgeHealth.busesOf(spec.windows)
  const aws = yield* EventBridgeHealth.checks(EventBridgeHealth.layer({ retry }), {
    buses: named.length > 0 ? Effect.succeed(named) : genesys.buses,
    windows: spec.windows
  })
  const all = [StateCheck.check, ...spec.checks, GenesysHealth.secretFile, ...genesys.checks, ...aws]
  return DoctorText.areas.flatMap((area) => all.filter((check) => check.area === area))
})

interface Telling {
  /** Ended, but of an area whose turn has not come. */
  readonly waiting: ReadonlyArray<HealthCheck.Concluded>
  /** How many were told. */
  readonly told: number
}

/** The results as they end, those of one area after those of the area before. */
const byArea =
  (checks: ReadonlyArray<Pick<HealthCheck.HealthCheck, "area">>) =>
  <E, R>(results: Stream.Stream<HealthCheck.Concluded, E, R>) =>
    Stream.mapAccum(results, { waiting: [], told: 0 } satisfies Telling as Telling, (before, result) => {
      let waiting = [...before.waiting, result]
      const ready: Array<HealthCheck.Concluded> = []
      for (;;) {
        const area = checks[before.told + ready.length]?.area
        const found = waiting.find((one) => one.area === area)
        if (found === undefined) break
        ready.push(found)
        waiting = waiting.filter((one) => one !== found)
      }
      return [{ waiting, told: before.told + ready.length }, ready]
    }).pipe(Stream.flattenIterables)

/** Prints the results as they come, each area with a heading. */
const printed = <E, R>(results: Stream.Stream<HealthCheck.Concluded, E, R>) =>
  Stream.zipWithPrevious(results).pipe(
    Stream.mapEffect(([previous, found]) =>
      Effect.gen(function* () {
        const { out } = yield* Screen
        if (!Option.exists(previous, ({ area }) => area === found.area)) {
          yield* print(`${Option.isSome(previous) ? "\n" : ""}${DoctorText.heading(found.area, out)}`)
        }
        yield* print(DoctorText.render(found, out))
        return found
      })
    )
  )

/** What is warned of on the way is told by a check; who asks for more in the log gets it. */
const quietly = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(FiberRef.get(FiberRef.currentMinimumLogLevel), (level) =>
    LogLevel.lessThan(level, LogLevel.Info) ? work : Logger.withMinimumLogLevel(work, LogLevel.Error)
  )

const codes: Record<HealthCheck.Verdict, number> = {
  ok: ExitCode.done,
  failed: ExitCode.incomplete,
  unasked: ExitCode.unavailable
}

/** Runs the checks and tells what they found; exit code 3 where one failed, 5 where nobody could be asked. */
export const run = Effect.fn("doctor.run")(function* ({ json, spec }: DoctorArguments) {
  const results = yield* Effect.scoped(
    Effect.gen(function* () {
      const checks = yield* checksOf(spec)
      const running = HealthCheck.run(checks)
      const found = Chunk.toReadonlyArray(yield* Stream.runCollect(json ? running : printed(byArea(checks)(running))))
      return checks.flatMap(({ check }) => found.filter((one) => one.check === check))
    })
  ).pipe(quietly)
  if (json) {
    yield* JsonDocument.print(document, { checks: results })
  } else {
    const { out } = yield* Screen
    yield* print(`\n${DoctorText.summary(results, out)}`)
  }
  yield* Failure.finish(codes[HealthCheck.verdict(results)])
})
