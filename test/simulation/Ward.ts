/** Runs a process on the machine and looks after it: what it logs, which fibers it has, how it ends. */
import { type ApplyReport, type EngineError, StateUnavailable } from "@genesys-replay/pipeline"
import { Cause, Effect, Exit, Fiber, Logger, LogLevel, Random, Runtime, Supervisor } from "effect"
import type * as Life from "./Life.js"
import * as Machine from "./Machine.js"
import * as Program from "./Program.js"

/** How a process ended. */
export type Ending =
  | { readonly _tag: "Died" }
  | { readonly _tag: "Frozen" }
  | { readonly _tag: "Done"; readonly report: ApplyReport.ApplyReport | undefined }
  /** What is kept was not available, and it said so. */
  | { readonly _tag: "Halted" }
  | { readonly _tag: "Stopped" }

/** A process that runs. */
export interface Ward {
  readonly life: Life.Life
  /** Ends when the process does, or is frozen for the first time. */
  readonly ending: Effect.Effect<Ending>
  /** Ends when the process does. */
  readonly end: Effect.Effect<Ending>
  /** Stops it in good order. */
  readonly stop: Effect.Effect<void>
}

class Living extends Supervisor.AbstractSupervisor<void> {
  readonly value = Effect.void
  readonly fibers = new Set<unknown>()
  override onStart(_context: unknown, _effect: unknown, _parent: unknown, fiber: unknown) {
    this.fibers.add(fiber)
  }
  override onEnd(_exit: unknown, fiber: unknown) {
    this.fibers.delete(fiber)
  }
}

const hasSecret = (secrets: ReadonlySet<string>, text: string): boolean => {
  for (const secret of secrets) if (text.includes(secret)) return true
  return false
}

/** Begins a process. */
export const begin = (lasting: Program.Lasting, life: Life.Life, task: Program.Task): Ward => {
  const { world } = lasting
  const { dice, machine, scenario, secrets, trace, wrongs } = world
  const living = new Living()
  const logger = Logger.make<unknown, void>((options) => {
    const line = Logger.stringLogger.log(options)
    if (hasSecret(secrets, line)) wrongs.push(`a secret is in a log line of ${life.name}: ${line}`)
    if (LogLevel.greaterThanEqual(options.logLevel, LogLevel.Error))
      wrongs.push(`${life.name} logged an error: ${line}`)
  })
  trace.note(`${life.name} begins: ${task}`)
  const program = Program.of(lasting, life, task).pipe(
    Effect.withTracerEnabled(false),
    Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    Logger.withMinimumLogLevel(LogLevel.All),
    Effect.withClock(machine.clock(life.process)),
    Effect.withRandom(Random.make(dice.hex(16))),
    Effect.supervised(living)
  )
  const fiber: Fiber.RuntimeFiber<ApplyReport.ApplyReport | undefined, EngineError.EngineError> = Runtime.runFork(
    Machine.runtime
  )(program, { scheduler: machine.scheduler(life.process) })

  // Nothing of a process that has ended in good order may go on.
  const left = () => {
    const [fibers, steps] = [living.fibers.size, machine.pending(life.process)]
    if (fibers > 0 || steps > 0) wrongs.push(`${life.name} has ended, and left ${fibers} fibers and ${steps} sleeps`)
  }
  const endingOf = (exit: Exit.Exit<ApplyReport.ApplyReport | undefined, EngineError.EngineError>): Ending => {
    // After all else that is due then, whoever moves first.
    machine.at(machine.now() + 1, () => machine.at(machine.now(), left))
    if (Exit.isSuccess(exit)) return { _tag: "Done", report: exit.value }
    if (Cause.isInterruptedOnly(exit.cause)) return { _tag: "Stopped" }
    const error = Cause.squash(exit.cause)
    if (error instanceof StateUnavailable.StateUnavailable) {
      if (scenario.unwritable === 0) wrongs.push(`${life.name} says that the state is not available, and it was`)
      return { _tag: "Halted" }
    }
    wrongs.push(`${life.name} died of a bug: ${Cause.pretty(exit.cause)}`)
    return { _tag: "Halted" }
  }
  const ends: Array<(ending: Ending) => void> = []
  let ended: Ending | undefined
  const finish = (ending: Ending) => {
    if (ended !== undefined) return
    ended = ending
    trace.note(`${life.name} ends: ${ending._tag}`)
    for (const tell of ends) tell(ending)
  }
  life.onDeath(() => finish({ _tag: "Died" }))
  fiber.addObserver((exit) => finish(endingOf(exit)))

  const end = Effect.async<Ending>((resume) => {
    if (ended === undefined) ends.push((ending) => resume(Effect.succeed(ending)))
    else resume(Effect.succeed(ended))
  })
  const frozen = Effect.async<Ending>((resume) => life.onFreeze(() => resume(Effect.succeed({ _tag: "Frozen" }))))
  return {
    life,
    end,
    ending: Effect.raceFirst(end, frozen),
    stop: Effect.asVoid(Effect.zipRight(Fiber.interruptFork(fiber), end))
  }
}
