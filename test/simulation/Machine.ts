/**
 * The machine that a run runs on: virtual time, and processes whose fibers take turns on one thread. Nothing here asks the
 * real clock. A process can be killed between any two steps of its fibers, as by SIGKILL: not one of them moves again, no
 * finalizer runs. It can also be frozen, as a machine that is paused, and thawed.
 */
import { Clock, Duration, Effect, Runtime, RuntimeFlags, type Scheduler } from "effect"
import type { Dice } from "./Dice.js"

/** A process. */
export interface Process {
  readonly name: string
  state: "running" | "frozen" | "dead"
  /** What a frozen process does once it is thawed. */
  held: ReadonlyArray<() => void>
}

/** Why a machine stopped. */
export type Ending =
  | "over"
  /** Nobody waits for time to pass, and nobody has anything to do. */
  | "stuck"
  /** Time has run out. */
  | "late"
  /** So much to do in one instant that it never ends. */
  | "spinning"

/** See the module. */
export interface Machine {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Does something at an instant, for a process or for the world itself; answers how to call it off. */
  readonly at: (time: number, run: () => void, owner?: Process) => () => void
  readonly spawn: (name: string) => Process
  readonly kill: (process: Process) => void
  readonly freeze: (process: Process) => void
  readonly thaw: (process: Process) => void
  /** How the fibers of a process are scheduled, and what time it is for them. */
  readonly scheduler: (process: Process) => Scheduler.Scheduler
  readonly clock: (process: Process) => Clock.Clock
  /** Says that promises are about to be resolved, which is the one thing that the machine cannot see. */
  readonly promised: () => void
  readonly steps: () => number
  /** What a process still waits for: sleeps and steps. */
  readonly pending: (process: Process) => number
  /** Runs until `isOver`, at most until `limit`. */
  readonly run: (isOver: () => boolean, limit: number) => Promise<Ending>
}

/** How a machine behaves, beyond its dice. */
export interface Options {
  readonly start: number
  readonly dice: Dice
  /** How many steps a fiber takes before others have their turn. */
  readonly steps: number
  /**
   * Whether chance decides which process moves first of those that could, and what is first of what is due at one instant. The
   * fibers of one process stay in the order in which they became ready: Effect's own scheduler keeps it, and Effect relies on that.
   */
  readonly shuffled: boolean
  /** Runs the steps of fibers, so that what is real is kept from them. */
  readonly guard: (run: () => void) => void
}

interface Timer {
  readonly time: number
  readonly run: () => void
  readonly owner: Process | undefined
}

/** What a process, or the world itself, could do now, in order. */
interface Lane {
  readonly owner: Process | undefined
  tasks: Array<{ readonly run: () => void; readonly turn: number }>
  head: number
}

/** The runtime of all processes. Nobody looks at the metrics of fibers. */
export const runtime: Runtime.Runtime<never> = Runtime.disableRuntimeFlag(
  Runtime.defaultRuntime,
  RuntimeFlags.RuntimeMetrics
)

const tooMuch = 100_000

// Turns of Node's loop in which promises of a request are surely resolved.
const turns = 3

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** See the module. */
export const make = ({ dice, guard, shuffled, start, steps }: Options): Machine => {
  let now = start
  let promises = 0
  let total = 0
  let timers: Array<Timer> = []
  let lanes: ReadonlyArray<Lane> = []
  let pushed = 0

  const laneOf = (owner: Process | undefined): Lane => {
    const known = lanes.find((lane) => lane.owner === owner)
    if (known !== undefined) return known
    const made: Lane = { owner, tasks: [], head: 0 }
    lanes = [...lanes, made]
    return made
  }

  const push = (run: () => void, owner: Process | undefined) => {
    if (owner === undefined || owner.state === "running") laneOf(owner).tasks.push({ run, turn: pushed++ })
    else if (owner.state === "frozen") owner.held = [...owner.held, run]
  }

  const turnOf = ({ head, tasks }: Lane): number => tasks[head]?.turn ?? Number.POSITIVE_INFINITY

  const take = (): (() => void) | undefined => {
    const [first, ...others] = lanes.filter((lane) => lane.head < lane.tasks.length)
    if (first === undefined) return undefined
    const lane = shuffled
      ? dice.pick([first, ...others])
      : others.reduce((least, other) => (turnOf(other) < turnOf(least) ? other : least), first)
    const task = lane.tasks[lane.head]
    lane.head += 1
    if (lane.head === lane.tasks.length) {
      lane.tasks = []
      lane.head = 0
    }
    return task?.run
  }

  // What is left of a process when it dies or is frozen.
  const clear = (process: Process): ReadonlyArray<() => void> => {
    const left = lanes.filter(({ owner }) => owner === process)
    lanes = lanes.filter(({ owner }) => owner !== process)
    return left.flatMap(({ head, tasks }) => tasks.slice(head).map(({ run }) => run))
  }

  const at: Machine["at"] = (time, run, owner) => {
    const timer: Timer = { time, run, owner }
    timers.push(timer)
    return () => {
      const index = timers.indexOf(timer)
      if (index >= 0) timers.splice(index, 1)
    }
  }

  const drain = (): number => {
    let count = 0
    guard(() => {
      for (let task = take(); task !== undefined && count < tooMuch; task = take()) {
        count += 1
        total += 1
        task()
      }
    })
    return count
  }

  const settle = async (): Promise<boolean> => {
    for (let idle = 0; ; ) {
      const count = drain()
      if (count >= tooMuch) return false
      if (count > 0) idle = 0
      if (promises === 0) return true
      if (idle === turns) {
        promises = 0
        return true
      }
      idle += 1
      await turn()
    }
  }

  const advance = (to: number) => {
    now = Math.max(now, to)
    const due = timers
      .filter(({ time }) => time <= now)
      .map((timer) => ({ ...timer, lot: shuffled ? dice.next() : 0 }))
      .sort((one, other) => one.time - other.time || one.lot - other.lot)
    timers = timers.filter(({ time }) => time > now)
    for (const { owner, run } of due) push(run, owner)
  }

  return {
    now: () => now,
    at,
    spawn: (name) => ({ name, state: "running", held: [] }),
    kill: (process) => {
      process.state = "dead"
      process.held = []
      clear(process)
      timers = timers.filter(({ owner }) => owner !== process)
    },
    freeze: (process) => {
      if (process.state !== "running") return
      process.state = "frozen"
      process.held = clear(process)
    },
    thaw: (process) => {
      if (process.state !== "frozen") return
      process.state = "running"
      const { held } = process
      process.held = []
      for (const run of held) push(run, process)
    },
    scheduler: (process) => ({
      shouldYield: (fiber) => (fiber.currentOpCount > steps ? 0 : false),
      scheduleTask: (task) => push(task, process)
    }),
    clock: (process) => ({
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: () => now,
      unsafeCurrentTimeNanos: () => BigInt(Math.round(now * 1_000)) * 1_000n,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanos: Effect.sync(() => BigInt(Math.round(now * 1_000)) * 1_000n),
      // Whole milliseconds, as real timers: what is left of a fraction would be slept for ever.
      sleep: (duration) =>
        Effect.async<void>((resume) => {
          const millis = Duration.toMillis(duration)
          return Number.isFinite(millis)
            ? Effect.sync(at(now + Math.max(0, Math.ceil(millis)), () => resume(Effect.void), process))
            : undefined
        })
    }),
    steps: () => total,
    promised: () => {
      promises = 1
    },
    pending: (process) =>
      timers.filter(({ owner }) => owner === process).length +
      lanes.filter(({ owner }) => owner === process).reduce((sum, { head, tasks }) => sum + tasks.length - head, 0),
    run: async (isOver, limit) => {
      for (;;) {
        if (!(await settle())) return "spinning"
        if (isOver()) return "over"
        const next = timers.reduce((least, { time }) => Math.min(least, time), Number.POSITIVE_INFINITY)
        if (next === Number.POSITIVE_INFINITY) return "stuck"
        if (next > limit) return "late"
        advance(next)
      }
    }
  }
}
