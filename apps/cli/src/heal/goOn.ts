/** Going on with the heals that were begun and have not ended: what `resume` and `runner` do beside the windows. */
import { FileSystem } from "@effect/platform"
import { type HealReport, ReplayProvider, ReplaySpec } from "@genesys-replay/domain"
import { Heal, type HealRecord, Heals } from "@genesys-replay/pipeline"
import { Effect, Option, Schema } from "effect"
import { say } from "../terminal/Screen.js"
import { Asked } from "./HealArguments.js"
import * as HealFiles from "./HealFiles.js"
import * as HealScreen from "./HealScreen.js"
import * as HealWork from "./HealWork.js"

const decode = Schema.decodeUnknownOption(Asked)

// Whether this machine has what the heal has measured: on another one everything would seem to be missing, and be handed on again.
const isHere = Effect.fn("heal.isHere")(function* ({ id }: HealRecord.HealRecord) {
  const files = yield* FileSystem.FileSystem
  const { missing } = yield* HealFiles.of(yield* HealFiles.directory, id)
  return yield* Effect.orElseSucceed(files.exists(missing), () => false)
})

/** Goes on with it, and answers its report. None where it is left to the program, or the machine, that began it, or another process is at it. */
const goOnWith = Effect.fn("heal.goOnWith")(function* (heal: HealRecord.HealRecord) {
  const asked = decode(heal.asked)
  if (Option.isNone(asked)) {
    yield* Effect.logWarning(`${heal.id} was begun by another program: that one goes on with it`)
    return Option.none()
  }
  if (!(yield* isHere(heal))) {
    yield* Effect.logWarning(`the files of ${heal.id} are not here: the machine and user that began it go on with it`)
    return Option.none()
  }
  const spec = yield* Effect.orDie(ReplaySpec.complete(heal.spec))
  const listeners = yield* HealScreen.make
  return yield* Heal.goOn(yield* HealWork.make(heal.key, spec, asked.value, listeners))
}, Effect.scoped)

/** A heal that has ended. */
export interface Ended {
  readonly window: string
  readonly report: HealReport.HealReport
}

const open = Effect.flatMap(ReplayProvider.ReplayProvider, ({ target }) =>
  Effect.flatMap(Heals.Heals, (heals) => heals.open(target))
)

/** Heals on, one after the other, and answers their reports. */
export const goOn = Effect.fn("heal.goOn")(function* () {
  const reports = yield* Effect.forEach(yield* open, (heal) =>
    Effect.map(
      goOnWith(heal),
      Option.map((report): Ended => ({ window: heal.window.name, report }))
    )
  )
  return reports.flatMap(Option.toArray)
})

// How often a runner looks for heals whose process has died.
const pause = "10 seconds"

/**
 * Looks again and again for heals that nobody works on, and goes on with them. One that fails is told, and tried again; `onEnd` is told of
 * each that has ended.
 */
export const keepOn = <R>(onEnd: (ended: Ended) => Effect.Effect<void, never, R>) =>
  Effect.catchAll(once(onEnd), (error) => say(error.message)).pipe(Effect.zipRight(Effect.sleep(pause)), Effect.forever)

/** Looks once. */
export const once = <R>(onEnd: (ended: Ended) => Effect.Effect<void, never, R>) =>
  Effect.flatMap(open, (heals) =>
    Effect.forEach(
      heals,
      (heal) =>
        goOnWith(heal).pipe(
          Effect.flatMap(
            Option.match({
              onNone: () => Effect.void,
              onSome: (report) => onEnd({ window: heal.window.name, report })
            })
          ),
          Effect.catchAll((error) => say(`${heal.id} does not go on: ${error.message}`))
        ),
      { discard: true }
    )
  )
