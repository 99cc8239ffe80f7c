/** What must hold of a heal, whatever went wrong, beside what must hold of every window. */
import type { AuditEntry } from "@genesys-replay/domain"
import type { HealRecord } from "@genesys-replay/pipeline"
import { DateTime } from "effect"
import type { Outage } from "./Outage.js"
import type { Lasting } from "./Program.js"

interface Found {
  readonly outage: Outage
  readonly heals: ReadonlyArray<HealRecord.HealRecord>
  readonly entries: ReadonlyArray<AuditEntry.AuditEntry>
  readonly lasting: Lasting
}

// Exactly what was missing is handed on, and once for each acknowledged send.
function* handedOnOnce({ heals, outage }: Found) {
  for (const { id: heal, report, rounds } of heals) {
    const steps = outage.steps.filter((step) => step.heal === heal)
    const of = (what: string) => steps.filter((step) => step.what === what)
    const missing = new Set((outage.missingOf.get(heal) ?? []).map(({ id }) => id))
    const taken = new Set(of("taken").map(({ id }) => id))
    for (const id of taken) if (!missing.has(id)) yield `${heal} hands on ${id}, which was not missing`
    const written = of("written").map(({ id }) => id)
    if (new Set(written).size < written.length) yield `${heal}: what was acknowledged is handed on again`
    for (const id of written) {
      const at = steps.findIndex((step) => step.what === "written" && step.id === id)
      if (steps.slice(at).some((step) => step.what === "taken" && step.id === id)) {
        yield `${heal} hands on ${id} again, after its acknowledgement was written down`
      }
    }
    for (const life of new Set(steps.map((step) => step.life))) {
      const own = of("taken").filter((step) => step.life === life)
      if (new Set(own.map(({ id }) => id)).size < own.length) yield `${heal}: one process hands an event on twice`
      const kept = new Set(of("written").flatMap((step) => (step.life === life ? [step.id] : [])))
      const open = own.filter(({ id }) => !kept.has(id)).length
      if (open > outage.batch * outage.concurrency) yield `${heal}: ${open} events were under way when a process ended`
    }
    if (report === null) continue
    const came = new Set(outage.captured.map(({ id }) => id))
    const due = rounds.length === 0 ? [] : [...missing].filter((id) => came.has(id))
    const left = due.filter((id) => !taken.has(id))
    // What a later heal has brought is handed on by that one.
    const isLast = heal === heals.at(-1)?.id
    if (isLast && left.length > 0) yield `${heal} has ended, and ${left.length} events that came are not handed on`
    if (report.resent !== written.length) yield `${heal} has resent ${report.resent}, and it was ${written.length}`
  }
}

// Every replay is of a round that was written down, of minutes in which something was missing, and is made once.
function* replayedOnce({ heals, lasting: { platform }, outage }: Found) {
  const planned = heals.flatMap(({ id, rounds }) =>
    rounds.flatMap(({ batches, number }) => batches.flat().map((window) => ({ id, number, window })))
  )
  const names = planned.map(({ window: { name } }) => String(name))
  if (new Set(names).size < names.length) yield "two replays have one name"
  for (const { name } of platform.streams()) {
    if (!names.includes(name)) yield `${name} was replayed, and no round has it`
    if (platform.streams().filter((stream) => stream.name === name).length > 1) yield `${name} was replayed twice`
  }
  for (const { id, number, window } of planned) {
    const from = DateTime.toEpochMillis(window.start)
    const isOf = ({ timeMs }: { readonly timeMs: number }) => timeMs >= from && timeMs < from + 60_000
    if (!(outage.missingOf.get(id) ?? []).some(isOf))
      yield `${window.name} of round ${number} begins where nothing was missing`
  }
  for (const { id, missingBefore, report, rounds } of heals) {
    for (const [at, { missing, recovered }] of rounds.entries()) {
      const before = rounds[at - 1]
      const expected = before === undefined ? missingBefore : before.missing - (before.recovered ?? 0)
      if (missing !== expected) yield `${id}: round ${at + 1} begins with ${missing} missing, and it was ${expected}`
      if (missing === 0 || before?.recovered === 0) yield `${id}: round ${at + 1} is of no use`
      if (recovered === null) yield `${id}: round ${at + 1} is not over`
    }
    if (rounds.length > outage.rounds) yield `${id} has ${rounds.length} rounds`
    if (report === null) yield `${id} has not ended`
    else if (report.missing.count > 0 && rounds.length < outage.rounds && rounds.at(-1)?.recovered !== 0) {
      yield `${id} has given up ${report.missing.count} events after ${rounds.length} rounds`
    }
  }
}

// The trail tells the beginning, every round, and the end, each once and in order; and the sinks hear of the end once.
function* toldOnce({ entries, heals, lasting: { database } }: Found) {
  const messages = database.look(({ outbox }) => outbox.list())
  for (const { id, missingBefore, report, rounds, sinks } of heals) {
    const own = entries.filter((entry) => entry.config_id === id && !/^(?:sync|interrupt)_/.test(entry.action))
    const told = own.map(({ action, detail }) =>
      [action, detail["round"]].filter((part) => part !== undefined).join(" ")
    )
    const expected = [
      "begin_heal",
      ...rounds.flatMap(({ number }) => [`begin_heal_round ${number}`, `end_heal_round ${number}`]),
      "complete_heal"
    ]
    if (told.join(", ") !== expected.join(", ")) yield `${id} is told as ${told.join(", ")}`
    const brought = own.reduce(
      (sum, { action, detail }) => sum + (action === "end_heal_round" ? Number(detail["recovered"]) : 0),
      0
    )
    if (report !== null && brought !== missingBefore - report.missing.count)
      yield `${id}: the trail's rounds brought ${brought}`
    for (const sink of sinks) {
      const of = messages.filter((one) => one.sink === sink && one.configId === id)
      if (of.length !== 1) yield `${sink} hears ${of.length} times of the end of ${id}`
    }
  }
}

/** Finds everything that does not hold. */
export const check = (lasting: Lasting, outage: Outage): void => {
  const { database, world } = lasting
  const entries = database.look(({ trail }) => trail.list())
  const heals = database.look(({ heals }) => heals.list)
  const found: Found = { outage, heals, entries, lasting }
  world.wrongs.push(...handedOnOnce(found), ...replayedOnce(found), ...toldOnce(found))
  world.trace.count(`heal of ${heals.reduce((sum, { rounds }) => sum + rounds.length, 0)} rounds`)
  if (heals.some(({ report }) => report?.isComplete === true)) world.trace.count("heal complete")
}
