/**
 * What is kept, outside of all lives: runs, audit trail and outbox, with real transactions. One connection has the database at a
 * time. A transaction is kept whole once it is committed, and not at all where its process dies before that, also in the
 * middle of it: the changes are then undone by doing again all that was committed before.
 */
import { AuditTrail, OutboxStore, Runs, StateUnavailable, Transaction } from "@genesys-replay/pipeline"
import { Duration, Effect, Exit, FiberRef, Layer, Option, type Stream } from "effect"
import { type Life, nevermore } from "./Life.js"
import type { World } from "./World.js"

/** What is kept. */
export interface Kept {
  readonly runs: Runs.Service
  readonly trail: AuditTrail.Service
  readonly outbox: OutboxStore.Service
}

/** See the module. */
export interface Database {
  /** What a process sees of it. */
  readonly connect: (life: Life) => {
    readonly layer: Layer.Layer<Runs.Runs | AuditTrail.AuditTrail | Transaction.Transaction>
    readonly outbox: OutboxStore.Service
  }
  /** Looks at what is committed, from outside. */
  readonly look: <A, E>(read: (kept: Kept) => Effect.Effect<A, E>) => A
}

type Change = (kept: Kept) => void

interface Session {
  readonly changes: Array<Change>
  readonly labels: Array<string>
  open: boolean
}

const empty = (): Kept =>
  Effect.runSync(
    Effect.all({
      runs: Runs.makeMemory,
      trail: Effect.provide(AuditTrail.AuditTrail, AuditTrail.AuditTrail.layerMemory),
      outbox: OutboxStore.makeMemory
    })
  )

// How often processes look for what others did: less often than in earnest, to save the time of who runs this.
const glance = Duration.seconds(4)

const inside = FiberRef.unsafeMake(Option.none<Session>())

const refused = new StateUnavailable.StateUnavailable({
  operation: "written",
  location: "the database of the simulation",
  reason: "the disk is full",
  remedy: "Free some space"
})

/** See the module. */
export const make = (world: World): Database => {
  const { scenario, trace } = world
  const dice = world.dice.fork()
  const committed: Array<Change> = []
  let kept = empty()
  let holder: Session | undefined
  let waiting: ReadonlyArray<{ readonly session: Session; readonly go: () => void }> = []

  const release = (session: Session) => {
    session.open = false
    if (holder !== session) return
    const [next, ...others] = waiting
    holder = next?.session
    waiting = others
    next?.go()
  }
  const undo = (session: Session) => {
    if (session.changes.length > 0) {
      kept = empty()
      for (const change of committed) change(kept)
    }
    release(session)
  }
  const acquire = (session: Session) =>
    Effect.async<void>((resume) => {
      if (holder === undefined) {
        holder = session
        resume(Effect.void)
      } else waiting = [...waiting, { session, go: () => resume(Effect.void) }]
    })

  const slow = Effect.suspend(() =>
    scenario.slowness > 0 && dice.chance(0.2) ? Effect.sleep(dice.between(0, scenario.slowness)) : Effect.void
  )
  const isRefused = () => !world.isCalm() && dice.chance(scenario.unwritable)

  const connect: Database["connect"] = (life) => {
    const session = (): Session => {
      const session: Session = { changes: [], labels: [], open: true }
      life.onDeath(() => {
        if (!session.open) return
        waiting = waiting.filter((one) => one.session !== session)
        if (holder === session) undo(session)
      })
      return session
    }

    const commit = (session: Session) =>
      Effect.gen(function* () {
        const what = session.labels.join(" + ") || "nothing"
        yield* life.pass("write", `before the commit of ${what}`)
        if (session.changes.length > 0 && isRefused()) {
          trace.note(`${life.name} cannot commit ${what}`)
          trace.count("fault commit refused")
          undo(session)
          return yield* refused
        }
        if (session.changes.length > 0) trace.note(`${life.name} commits ${what}`)
        committed.push(...session.changes)
        release(session)
        yield* life.pass("write", `after the commit of ${what}`)
      })

    const atomically: Transaction.Service["atomically"] = (changes) =>
      Effect.flatMap(FiberRef.get(inside), (outer) => {
        if (Option.exists(outer, ({ open }) => open)) return changes
        return Effect.uninterruptibleMask((restore) =>
          Effect.gen(function* () {
            yield* life.pass("write", "the beginning of a transaction")
            yield* slow
            const own = session()
            yield* acquire(own)
            const exit = yield* Effect.exit(restore(Effect.locally(changes, inside, Option.some(own))))
            if (Exit.isSuccess(exit)) yield* commit(own)
            else undo(own)
            return yield* exit
          })
        )
      })

    const read = <A, E>(run: (kept: Kept) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.flatMap(FiberRef.get(inside), (outer) =>
        life.isDead()
          ? nevermore
          : Option.exists(outer, ({ open }) => open) || holder === undefined
            ? Effect.suspend(() => run(kept))
            : Effect.suspend(() => {
                const own = session()
                return Effect.ensuring(
                  Effect.zipRight(
                    acquire(own),
                    Effect.suspend(() => run(kept))
                  ),
                  Effect.sync(() => release(own))
                )
              }).pipe(Effect.uninterruptible)
      )

    const write = <A, E>(label: string, run: (kept: Kept) => Effect.Effect<A, E>) =>
      atomically(
        Effect.flatMap(FiberRef.get(inside), (session) =>
          Effect.suspend(() => {
            if (Option.isSome(session)) {
              session.value.changes.push((kept) => {
                Effect.runSync(Effect.exit(run(kept)))
              })
              session.value.labels.push(label)
            }
            return run(kept)
          })
        )
      )

    const runs = Effect.map(
      Runs.makeAnnouncements,
      (announcements): Runs.Service => ({
        add: (windows) => write("runs", ({ runs }) => runs.add(windows)),
        change: (key, to) => write("run", ({ runs }) => runs.change(key, to)),
        get: (key) => read(({ runs }) => runs.get(key)),
        list: (filter) => read(({ runs }) => runs.list(filter)),
        open: (target) => read(({ runs }) => runs.open(target)),
        settled: (run) => read(({ runs }) => runs.settled(run)),
        ...announcements,
        location: "the database of the simulation",
        others: Option.some(glance)
      })
    )
    const nothing = (): Stream.Stream<never> => {
      throw new Error("nobody reads the chain here")
    }
    const trail: AuditTrail.Service = {
      record: (entry) => write(entry.action, ({ trail }) => trail.record(entry)),
      list: (filter) => read(({ trail }) => trail.list(filter)),
      chained: nothing,
      verify: read(({ trail }) => trail.verify),
      holds: (hash) => read(({ trail }) => trail.holds(hash))
    }
    const outbox: OutboxStore.Service = {
      add: (messages) => write("messages", ({ outbox }) => outbox.add(messages)),
      list: (filter) => read(({ outbox }) => outbox.list(filter)),
      due: read(({ outbox }) => outbox.due),
      claim: (sink, claim, limit) => write("claim", ({ outbox }) => outbox.claim(sink, claim, limit)),
      claimFirst: (lane, claim) => write("claim", ({ outbox }) => outbox.claimFirst(lane, claim)),
      extend: (message, token, until) => write("extension", ({ outbox }) => outbox.extend(message, token, until)),
      settle: (message, token, verdict) => write(verdict.state, ({ outbox }) => outbox.settle(message, token, verdict)),
      revive: (ids, now) => write("revival", ({ outbox }) => outbox.revive(ids, now)),
      excuse: (sink, reason) => write("excuse", ({ outbox }) => outbox.excuse(sink, reason)),
      tally: read(({ outbox }) => outbox.tally),
      others: Option.some(glance)
    }
    return {
      layer: Layer.mergeAll(
        Layer.effect(Runs.Runs, runs),
        Layer.succeed(AuditTrail.AuditTrail, trail),
        Layer.succeed(Transaction.Transaction, { atomically })
      ),
      outbox
    }
  }

  return { connect, look: (read) => Effect.runSync(Effect.orDie(read(kept))) }
}
