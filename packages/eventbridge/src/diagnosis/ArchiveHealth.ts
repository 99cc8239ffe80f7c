/** What there is to say of the archives of a bus where no window is at hand: whether anything could be replayed. */
import { CheckOutcome, type EventBusArn, Instant, Plural } from "@genesys-replay/domain"
import type * as ArchiveRules from "../archive/ArchiveRules.js"

const told = ({ created, name, pattern, retentionDays }: ArchiveRules.Archive): string =>
  [
    name,
    ...(created === undefined ? [] : [`since ${Instant.format(Instant.wholeSecond(created))}`]),
    retentionDays === undefined ? "for ever" : `for ${Plural.counted(retentionDays, "day")}`,
    ...(pattern === undefined ? [] : ["not all events"])
  ].join(", ")

/** Whether the bus has an archive that is enabled. */
export const ofBus = (
  bus: EventBusArn.EventBusArn,
  archives: ReadonlyArray<ArchiveRules.Archive>
): CheckOutcome.CheckOutcome => {
  const enabled = archives.filter(({ state }) => state === "ENABLED")
  if (enabled.length > 0) return CheckOutcome.ok(CheckOutcome.together(enabled.map(told)))
  const others = archives.map(({ name, state }) => `${name} is ${state}`)
  return CheckOutcome.warning(
    others.length === 0
      ? `${bus.bus} has no archive: what is lost on the way cannot be replayed`
      : `${bus.bus} has no archive that is enabled: ${CheckOutcome.together(others)}`,
    "Create an archive of the bus before it is needed: it holds only what comes from then on"
  )
}
