import { chownSync } from "node:fs"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import Libsql from "libsql"
import { numbered } from "../cli/Desk.js"
import { sandbox } from "../e2e/Scene.js"
import * as Gate from "./Gate.js"
import * as Ground from "./Ground.js"
import * as Kept from "./Kept.js"
import type { Surroundings } from "./Process.js"
import * as Site from "./Site.js"
import { expectUndisturbed } from "./Undisturbed.js"

const world = Layer.merge(sandbox(), NodeContext.layer)

/** It ends with the code for a state that is not available, and a block that says what, why and what to do next. */
const expectRefused = (
  { code, err }: { readonly code: number | null; readonly err: string },
  site: Site.Site,
  says: { readonly reason: string; readonly next: string }
) => {
  expect([code, err], err).toEqual([2, expect.stringContaining("error: the state is not available")])
  expect(err).toContain(site.database)
  expect(err).toContain(says.reason)
  expect(/^next: (.*)$/m.exec(err)?.[1]).toContain(says.next)
  expect(err).not.toMatch(/^\s+at /m)
}

/** No window has a stream that the state does not know to be possible. */
const expectNothingUnwritten = (site: Site.Site) =>
  Effect.gen(function* () {
    const { windows } = yield* Kept.read(site.url)
    const possible = new Set<string>(
      windows.filter(({ state }) => state !== "requested").map(({ window }) => window.name)
    )
    const made = (yield* site.made).flatMap((count, index) => (count === 0 ? [] : [site.names[index]]))
    expect(made.filter((name) => name !== undefined && !possible.has(name))).toEqual([])
    return made.length
  })

/** What stood in the way is gone: resume does what is left, once. */
const expectResumed = (site: Site.Site, around: Surroundings = {}) =>
  Effect.gen(function* () {
    const { code, err } = yield* site.run(["resume"], around)
    expect(code, err).toBe(0)
    yield* expectUndisturbed(site)
  })

describe.concurrent("the state, when it cannot be kept", { timeout: 180_000 }, () => {
  it.scopedLive("a write that the system refuses ends the work, and resume goes on when there is room", () =>
    Effect.gen(function* () {
      const site = yield* Site.make({ names: numbered(16) })
      // Of the size that the log of the database reaches somewhere in the middle.
      const refused = yield* site.run(["apply", site.spec], { largestFile: 600 })
      expectRefused(refused, site, { reason: "the disk does not read or write as it should", next: "Check the disk" })
      const made = yield* expectNothingUnwritten(site)
      expect(made).toBeGreaterThan(0)
      expect(made).toBeLessThan(16)
      yield* expectResumed(site)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive.skipIf(!Ground.hasDisks)("a full disk ends the work, and resume goes on when there is room", () =>
    Effect.gen(function* () {
      const site = yield* Site.make({ names: numbered(16) })
      const disk = yield* Ground.disk(site.state, "700k")
      const refused = yield* site.run(["apply", site.spec])
      expectRefused(refused, site, { reason: "the disk is full", next: "Free some space" })
      yield* disk.grow("16m")
      const made = yield* expectNothingUnwritten(site)
      expect(made).toBeGreaterThan(0)
      expect(made).toBeLessThan(16)
      yield* expectResumed(site)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive.skipIf(!Ground.isOpenToSomebody)(
    "a directory that may only be read refuses before anything is sent",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const site = yield* Site.make({ names: ["read-1", "read-2"] })
        const as = Ground.somebody === undefined ? {} : { as: Ground.somebody }
        const give = (path: string) =>
          Effect.sync(() => {
            if (Ground.somebody !== undefined) chownSync(path, Ground.somebody.uid, Ground.somebody.gid)
          })
        yield* Effect.forEach([site.directory, site.state, site.spec], give)
        yield* files.chmod(site.state, 0o555)
        const refused = yield* site.run(["apply", site.spec], as)
        expectRefused(refused, site, { reason: "permission denied", next: "Give yourself the right" })
        expect(yield* site.made).toEqual([0, 0])

        yield* files.chmod(site.state, 0o755)
        expect((yield* site.run(["apply", site.spec, "--detach"], as)).code).toBe(0)
        yield* files.chmod(site.database, 0o444)
        yield* files.chmod(site.state, 0o555)
        const still = yield* site.run(["resume"], as)
        expectRefused(still, site, { reason: "permission denied", next: "Give yourself the right" })
        expect(yield* site.made).toEqual([0, 0])

        yield* files.chmod(site.state, 0o755)
        yield* files.chmod(site.database, 0o600)
        yield* expectResumed(site, as)
      }).pipe(Effect.provide(world))
  )

  it.scopedLive(
    "a database that another program holds for too long ends the work, and keeps the next from beginning",
    () =>
      Effect.gen(function* () {
        const gate = yield* Gate.make("submit done")
        const site = yield* Site.make({ names: ["held"], reached: gate.reached })
        const process = yield* site.start(["apply", site.spec])
        yield* process.until(gate.holds(1))
        const holder = yield* Effect.acquireRelease(
          Effect.sync(() => new Libsql(site.database)),
          (database) => Effect.sync(() => database.close())
        )
        // Once a second the process looks for what is due, and holds the file itself for a moment.
        holder.exec("PRAGMA busy_timeout = 5000")
        holder.exec("BEGIN EXCLUSIVE")
        // By then it has looked again and waits for the lock: what it has to write of the answer comes behind that.
        yield* Effect.sleep("1500 millis")
        yield* gate.open
        const words = { reason: "it is locked by another program", next: "Wait until that program ends" }
        expectRefused(yield* process.ended, site, words)
        expectRefused(yield* site.run(["resume"]), site, words)
        holder.exec("ROLLBACK")
        expect(yield* expectNothingUnwritten(site)).toBe(1)
        yield* expectResumed(site)
      }).pipe(Effect.provide(world))
  )

  it.scopedLive("a damaged database is not worked on, and resume goes on from its backup", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const site = yield* Site.make({ names: numbered(8) })
      expect((yield* site.run(["apply", site.spec, "--detach"])).code).toBe(0)
      const whole = yield* files.readFile(site.database)
      const damaged = Uint8Array.from(whole)
      damaged.fill(0xa5, Math.floor(whole.length / 4), Math.floor((whole.length * 3) / 4))
      yield* files.writeFile(site.database, damaged)
      const refused = yield* site.run(["resume"])
      expectRefused(refused, site, { reason: "the database is damaged", next: "Restore it from a backup" })
      expect(yield* site.made).toEqual(site.names.map(() => 0))
      yield* files.writeFile(site.database, whole)
      yield* expectResumed(site)
    }).pipe(Effect.provide(world))
  )
})
