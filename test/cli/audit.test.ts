import { readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { AuditTrail, CanonicalJson, Database, State } from "@genesys-replay/pipeline"
import { Effect, Layer, Schema } from "effect"
import { entryOf, story } from "../pipeline/AuditEntries.js"
import { json, run, workplace } from "./Run.js"

const readLine = Schema.decodeUnknownSync(
  Schema.parseJson(
    Schema.Struct(
      { hash: Schema.String, previous: Schema.String, sequence: Schema.Number },
      { key: Schema.String, value: Schema.Unknown }
    )
  )
)

/** A place where the story was recorded, and `statements` were run on it afterwards. */
const recorded = (...statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { directory, env } = yield* workplace()
    const url = `file:${join(directory, "audit.db")}`
    yield* Effect.gen(function* () {
      const trail = yield* AuditTrail.AuditTrail
      const { sql } = yield* Database.Database
      yield* Effect.forEach(story, trail.record, { discard: true })
      yield* trail.record(entryOf("=1+1", "cancel_replay", "2024-01-15T08:00:03Z"))
      yield* Effect.forEach(statements, (statement) => sql.unsafe(statement))
    }).pipe(Effect.provide(Layer.provide(State.layer(url), NodeContext.layer)))
    const type = (...args: ReadonlyArray<string>) =>
      run(["audit", ...args], { cwd: directory, env: { ...env, GENESYS_REPLAY_DATABASE_URL: url } })
    return { directory, type }
  })

describe.concurrent("genesys-replay audit verify", () => {
  it.scopedLive("says that the trail is whole, and prints the head to note", () =>
    Effect.gen(function* () {
      const { type } = yield* recorded()
      const whole = yield* type("verify", "--json")
      expect([whole.code, whole.err]).toEqual([0, ""])
      const document = json(whole.out)
      expect(document).toEqual({ isIntact: true, count: 5, head: expect.stringMatching(/^[0-9a-f]{64}$/) })
      const text = yield* type("verify")
      expect(text.code).toBe(0)
      const [first, second] = text.out.split("\n")
      expect(first).toBe("the audit trail is whole: 5 entries")
      const head = second?.replace("head ", "") ?? ""
      expect(document).toMatchObject({ head })
      const noted = yield* type("verify", "--head", head.toUpperCase())
      expect([noted.code, noted.out]).toEqual([0, `${text.out}the noted head is in it\n`])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("3: names the first bad entry", () =>
    Effect.gen(function* () {
      const { type } = yield* recorded(
        "UPDATE genesys_replay_audit_entry SET entry = replace(entry, 'replay_config', 'replay_konfig') WHERE sequence = 2",
        "DELETE FROM genesys_replay_audit_entry WHERE sequence = 4"
      )
      const text = yield* type("verify")
      expect([text.code, text.err]).toEqual([3, ""])
      const lines = text.out.split("\n")
      expect(lines[0]).toBe("the audit trail is broken: entry 2 was edited")
      expect(lines[1]).toBe("  it says   submit_replay_konfig, b, 2024-01-15T08:00:00.250Z")
      expect(text.out).toContain("1 entry before it is as recorded")
      const { code, out } = yield* type("verify", "--json")
      expect(code).toBe(3)
      expect(json(out)).toMatchObject({ isIntact: false, firstBad: { sequence: 2, damage: "edited", window: "b" } })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("3: finds out a trail without the head that was noted; 2: what is no head", () =>
    Effect.gen(function* () {
      const { type } = yield* recorded()
      const rewritten = yield* type("verify", "--head", "f".repeat(64))
      expect(rewritten.code).toBe(3)
      expect(rewritten.out).toContain(`the head ${"f".repeat(64)} is not in the audit trail`)
      const nonsense = yield* type("verify", "--head", "abc")
      expect([nonsense.code, nonsense.out]).toEqual([2, ""])
      expect(nonsense.err).toContain('--head "abc" is not the head of an audit trail')
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe.concurrent("genesys-replay audit export", () => {
  it.scopedLive("writes lines of JSON from which anybody can compute the chain again", () =>
    Effect.gen(function* () {
      const { type } = yield* recorded()
      const { code, err, out } = yield* type("export")
      expect([code, err]).toEqual([0, ""])
      const lines = out.trimEnd().split("\n")
      expect(lines.length).toBe(5)
      for (const line of lines) {
        const { hash, previous, sequence, ...entry } = readLine(line)
        expect(CanonicalJson.digest({ entry, previous, sequence }, 64)).toBe(hash)
      }
      const some = yield* type("export", "--format", "ndjson", "--window", "b", "--since", "2024-01-15T08:00:01Z")
      expect(some.out).toBe(`${lines[3]}\n`)
      const document = yield* type("export", "--json", "--action", "cancel_replay")
      expect(json(document.out)).toEqual({ entries: [JSON.parse(lines[4] ?? "")] })
      const none = yield* type("export", "--json", "--window", "nobody")
      expect(json(none.out)).toEqual({ entries: [] })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("writes CSV to a file that only its owner may read, whole or not at all", () =>
    Effect.gen(function* () {
      const { directory, type } = yield* recorded()
      const { code, err, out } = yield* type("export", "--format", "csv", "--out", "audit.csv")
      expect([code, out, err]).toEqual([0, "", "5 entries written to audit.csv\n"])
      const lines = readFileSync(join(directory, "audit.csv"), "utf8").split("\r\n")
      expect(lines.length).toBe(7)
      expect(lines[0]).toContain("sequence,timestamp,action,window")
      expect(lines[5]).toContain(",cancel_replay,'=1+1,")
      const told = yield* type("export", "--json", "--out", "audit.ndjson")
      expect(json(told.out)).toEqual({ file: "audit.ndjson", format: "ndjson", count: 5 })
      const made = yield* type("export", "--out", "new/directory/audit.csv")
      expect([made.code, made.err]).toEqual([0, "5 entries written to new/directory/audit.csv\n"])
      const state = "audit.db"
      const over = yield* type("export", "--out", state)
      expect([over.code, over.out]).toEqual([2, ""])
      expect(over.err).toContain("the same command reads")
      expect(readFileSync(join(directory, state), "utf8")).toContain("SQLite format 3")
      const both = yield* type("export", "--json", "--format", "csv")
      expect(both.code).toBe(2)
      expect(both.err).toContain("--json and --format csv are two ways to print")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
