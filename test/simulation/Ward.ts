/** Runs a process on the machine and looks after it: what it logs, which fibers it has, how it ends. */
import { StateUnavailable } from "@genesys-replay/pipeline"
import { Cause, Effect, Exit, Fiber, Logger, LogLevel, Random, Runtime, Supervisor } from "effect"
import type * as Life from "./Life.js"
import * as Machine from "./Machine.js"
import type { World } from "./World.js"

/** How a process ended. */
export type Ending<A> =
  | { readonly _tag: "Died" }
  | { readonly _tag: "Frozen" }
  | { readonly _tag: "Done"; readonly report: A }
  /** Something was not available, and it said so. */
  | { readonly _tag: "Halted" }
  | { readonly _tag: "Stopped" }

/** A process that runs. */
export interface Ward<A> {
  readonly life: Life.Life
  /** Ends when the process does, or is frozen for the first time. */
  readonly ending: Effect.Effect<Ending<A>>
  /** Ends when the process does. */
  readonly end: Effect.Effect<Ending<A>>
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

/** An error that a process may end with; of a state that is not available only where the scenario has it so. */
export interface Expected {
  readonly _tag: string
}

/** Begins a process that does this. */
export const begin = <A, E extends Expected>(
  world: World,
  life: Life.Life,
  task: string,
  work: Effect.Effect<A, E>
): Ward<A> => {
  const { dice, machine, scenario, secrets, trace, wrongs } = world
  const living = new Living()
  const logger = Logger.make<unknown, void>((options) => {
    const line = Logger.stringLogger.log(options)
    if (hasSecret(secrets, line)) wrongs.push(`a secret is in a log line of ${life.name}: ${line}`)
    if (LogLevel.greaterThanEqual(options.logLevel, LogLevel.Error))
      wrongs.push(`${life.name} logged an error: ${line}`)
  })
  trace.note(`${life.name} begins: ${task}`)
  const program = work.pipe(
    Effect.withTracerEnabled(false),
    Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    Logger.withMinimumLogLevel(LogLevel.All),
    Effect.withClock(machine.clock(life.process)),
    Effect.withRandom(Random.make(dice.hex(16))),
    Effect.supervised(living)
  )
  const fiber: Fiber.RuntimeFiber<A, E> = Runtime.runFork(Machine.runtime)(program, {
    scheduler: machine.scheduler(life.process)
  })

  // Nothing of a process that has ended in good order may go on.
  const left = () => {
    const [fibers, steps] = [living.fibers.size, machine.pending(life.process)]
    if (fibers > 0 || steps > 0) wrongs.push(`${life.name} has ended, and left ${fibers} fibers and ${steps} sleeps`)
  }
  const endingOf = (exit: Exit.Exit<A, E>): Ending<A> => {
    // After all else that is due then, whoever moves first.
    machine.at(machine.now() + 1, () => machine.at(machine.now(), left))
    if (Exit.isSuccess(exit)) return { _tag: "Done", report: exit.value }
    if (Cause.isInterruptedOnly(exit.cause)) return { _tag: "Stopped" }
    const error = Cause.squash(exit.cause)
    if (error instanceof StateUnavailable.StateUnavailable) {
      if (scenario.unwritable === 0) wrongs.push(`${life.name} says that the state is not available, and it was`)
      return { _tag: "Halted" }
    }
    if (Cause.isFailure(exit.cause) && Cause.defects(exit.cause).length === 0) {
      trace.note(`${life.name} fails: ${String(error)}`)
      return { _tag: "Halted" }
    }
    wrongs.push(`${life.name} died of a bug: ${Cause.pretty(exit.cause)}`)
    return { _tag: "Halted" }
  }
  const ends: Array<(ending: Ending<A>) => void> = []
  let ended: Ending<A> | undefined
  const finish = (ending: Ending<A>) => {
    if (ended !== undefined) return
    ended = ending
    trace.note(`${life.name} ends: ${ending._tag}`)
    for (const tell of ends) tell(ending)
  }
  life.onDeath(() => finish({ _tag: "Died" }))
  fiber.addObserver((exit) => finish(endingOf(exit)))

  const end = Effect.async<Ending<A>>((resume) => {
    if (ended === undefined) ends.push((ending) => resume(Effect.succeed(ending)))
    else resume(Effect.succeed(ended))
  })
  const frozen = Effect.async<Ending<A>>((resume) => life.onFreeze(() => resume(Effect.succeed({ _tag: "Frozen" }))))
  return {
    life,
    end,
    ending: Effect.raceFirst(end, frozen),
    stop: Effect.asVoid(Effect.zipRight(Fiber.interruptFork(fiber), end))
  }
}
