import { SqlError } from "@effect/sql/SqlError"
import { describe, expect, it } from "@effect/vitest"
import { StateUnavailable } from "@genesys-replay/pipeline"
import * as SqlFailure from "@genesys-replay/pipeline/SqlFailure"
import { Cause, FiberId, Option } from "effect"

/** What the SQL client fails with where the driver says this. */
const refusal = (code: string | undefined, message: string) =>
  new SqlError({ message: "Failed to execute statement", cause: Object.assign(new Error(message), { code }) })

const told = (code: string | undefined, message: string) => {
  const { isTransient, reason, remedy } = SqlFailure.explainAt("here")("written")(refusal(code, message))
  expect(remedy).not.toBe("")
  return [reason, isTransient]
}

describe("what a database refuses", () => {
  it("is told by its code, and whether it may pass by itself", () => {
    expect(told("57014", "canceling statement due to user request")).toEqual([
      "a statement was cancelled on the server (SQLSTATE 57014)",
      true
    ])
    expect(told("57014", "canceling statement due to statement timeout")).toEqual([
      "the server ended a statement that took longer than it may (statement_timeout)",
      true
    ])
    expect(told("57P01", "terminating connection due to administrator command")).toEqual([
      "the server is starting or stopping",
      true
    ])
    expect(told("ECONNREFUSED", "connect ECONNREFUSED")).toEqual(["the server cannot be reached", true])
    for (const silence of ["Query read timeout", "Connection terminated due to connection timeout"]) {
      expect(told(undefined, silence)).toEqual(["the server does not answer", true])
    }
    expect(told(undefined, "Connection terminated unexpectedly")).toEqual(["the connection broke", true])
    expect(told("3D000", 'database "x" does not exist')).toEqual(["the server has no such database", false])
    expect(told("SQLITE_FULL", "database or disk is full")).toEqual(["the disk is full", false])
  })

  it("is told with its SQLSTATE and the server's own words where the code is not known", () => {
    expect(told("23505", "duplicate key value")).toEqual([
      'the server says "duplicate key value" (SQLSTATE 23505)',
      false
    ])
    expect(told("54000", "too complex")).toEqual(['the server says "too complex" (SQLSTATE 54000)', false])
    expect(told("25001", "active transaction")).toEqual(['the server says "active transaction" (SQLSTATE 25001)', true])
    expect(told("SQLITE_CONSTRAINT", "constraint failed")).toEqual(["constraint failed (SQLITE_CONSTRAINT)", false])
  })

  it("is found in a cause, whoever failed or died of it, and hides no bug", () => {
    const causeOf = SqlFailure.causeAt("here")("opened")
    const died = Cause.die(new Error("the engine could not go on", { cause: refusal("53300", "too many clients") }))
    const found = Cause.failureOption(causeOf(Cause.parallel(Cause.interrupt(FiberId.none), died)))
    expect(Option.getOrThrow(found)).toBeInstanceOf(StateUnavailable.StateUnavailable)
    expect(Option.getOrThrow(found)).toMatchObject({ operation: "opened", location: "here", isTransient: true })
    const bug = new Error("a bug")
    expect(Cause.squash(causeOf(Cause.die(bug)))).toBe(bug)
    expect(Cause.isInterruptedOnly(causeOf(Cause.interrupt(FiberId.none)))).toBe(true)
  })

  it("keeps what was explained already", () => {
    const first = SqlFailure.explainAt("here")("read")(refusal("08006", "gone"))
    expect(SqlFailure.inCause("elsewhere")("written")(Cause.fail(first))).toBe(first)
  })
})
