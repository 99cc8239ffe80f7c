/** One life of the program: a process that may be killed or frozen at a point of its work, once. */
import { Effect } from "effect"
import type { Process } from "./Machine.js"
import type { World } from "./World.js"

/** The kinds of points at which a life can end. */
export const points = ["write", "journal", "request", "answer", "delivery"] as const

/** Those of the engine of one machine, which keeps no journal. */
export const pointsAlone = ["write", "request", "answer", "delivery"] as const

/** Those of a heal, on the engine of one machine. */
export const pointsOfHeal = ["write", "request", "answer", "delivery", "queue", "file", "consumer"] as const

/** See {@link points}. */
export type Point = (typeof points)[number] | (typeof pointsOfHeal)[number]

/** What ends a life: at an instant, or at so many points of a kind. */
export interface Doom {
  readonly how: "crash" | "freeze"
  readonly at: { readonly after: number } | { readonly point: Point; readonly number: number }
  /** How long it stays frozen, in milliseconds. */
  readonly frozenFor: number
}

/** See the module. */
export interface Life {
  readonly name: string
  readonly number: number
  readonly process: Process
  /** A point of the work. The effect never ends where the life does. */
  readonly pass: (point: Point, label: string) => Effect.Effect<void>
  /** The same for what is no effect: whether the life goes on. */
  readonly passes: (point: Point, label: string) => boolean
  readonly isDead: () => boolean
  /** Kills it now, wherever it is. */
  readonly crash: (where: string) => void
  /** What else must happen when it dies: what it held is given back, as a system does. */
  readonly onDeath: (run: () => void) => void
  /** Called once it is frozen, so that somebody may think it dead. */
  readonly onFreeze: (run: () => void) => void
}

/** What a dead process does: not even an interruption ends it. */
export const nevermore: Effect.Effect<never> = Effect.async<never>(() => undefined)

/** Begins a life. */
export const begin = (world: World, number: number, doom: Doom | undefined): Life => {
  const { machine, trace } = world
  const name = `L${number}`
  const process = machine.spawn(name)
  const deaths: Array<() => void> = []
  const freezes: Array<() => void> = []
  const passed = new Map<Point, number>()
  let pending = doom

  const crash = (where: string) => {
    if (process.state === "dead") return
    trace.note(`${name} DIES ${where}`)
    trace.count(`crash ${where}`)
    machine.kill(process)
    for (const run of deaths) run()
  }
  const freeze = (where: string, millis: number) => {
    if (process.state !== "running") return
    trace.note(`${name} FREEZES ${where} for ${millis} ms`)
    trace.count("freeze")
    machine.freeze(process)
    machine.at(machine.now() + millis, () => {
      trace.note(`${name} THAWS`)
      machine.thaw(process)
    })
    for (const run of freezes) run()
  }
  const strike = (where: string) => {
    const doomed = pending
    pending = undefined
    if (doomed === undefined || world.isCalm()) return
    if (doomed.how === "crash") crash(where)
    else freeze(where, doomed.frozenFor)
  }
  const count = (point: Point, label: string) => {
    const number = (passed.get(point) ?? 0) + 1
    passed.set(point, number)
    if (pending !== undefined && "point" in pending.at && pending.at.point === point && pending.at.number === number) {
      strike(`at ${label}`)
    }
  }
  if (doom !== undefined && "after" in doom.at) {
    machine.at(machine.now() + doom.at.after, () => strike("at an instant"))
  }

  return {
    name,
    number,
    process,
    pass: (point, label) =>
      Effect.suspend(() => {
        if (process.state === "dead") return nevermore
        count(point, label)
        // What is frozen goes on from here when it is thawed.
        return process.state === "running" ? Effect.void : process.state === "frozen" ? Effect.yieldNow() : nevermore
      }),
    passes: (point, label) => {
      count(point, label)
      return process.state !== "dead"
    },
    isDead: () => process.state === "dead",
    crash,
    onDeath: (run) => deaths.push(run),
    onFreeze: (run) => freezes.push(run)
  }
}
