/** Audits: who changed what. One record of the audit log is one event, and the event's body is the record. */
import { Array } from "effect"
import { Dice } from "./Dice.js"
import type { Named, Organization } from "./Organization.js"
import * as PlatformEvent from "./PlatformEvent.js"

interface Change {
  readonly serviceName: string
  readonly entityType: string
  readonly of: (organization: Organization) => Array.NonEmptyReadonlyArray<Named>
  readonly property: string
  readonly values: readonly [before: string, after: string]
}

const changes: Array.NonEmptyReadonlyArray<Change> = [
  {
    serviceName: "ContactCenter",
    entityType: "Queue",
    of: ({ queues }) => queues,
    property: "acwTimeoutMs",
    values: ["30000", "60000"]
  },
  {
    serviceName: "PeoplePermissions",
    entityType: "User",
    of: ({ users }) => users,
    property: "roles",
    values: ["employee", "supervisor"]
  },
  {
    serviceName: "ContactCenter",
    entityType: "WrapupCode",
    of: ({ wrapUpCodes }) => wrapUpCodes,
    property: "name",
    values: ["Solved", "Solved at once"]
  }
]

/** The body of an audit's event. */
const bodyOf = (organization: Organization, dice: Dice, at: number) => {
  const change = dice.pick(changes)
  const entity = dice.pick(change.of(organization))
  const by = dice.pick(organization.users)
  const [before, after] = change.values
  return {
    id: dice.uuid(),
    userId: by.id,
    userHomeOrgId: organization.id,
    username: { id: "" },
    clientId: { id: dice.uuid() },
    serviceName: change.serviceName,
    eventTime: new Date(at).toISOString(),
    action: "Update",
    entityType: change.entityType,
    entity: { id: entity.id, name: entity.name },
    propertyChanges: [{ property: change.property, oldValues: [before], newValues: [after] }]
  }
}

/** The audits that happened in a minute, counted from 1970, as events; `count` of them. */
export const inMinute = (
  organization: Organization,
  minute: number,
  count: number
): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  if (count === 0) return []
  const dice = Dice.of(organization.seed, "audits", minute)
  return Array.makeBy(count, () => {
    const at = minute * 60_000 + dice.int(0, 59_999)
    const body = bodyOf(organization, dice, at)
    return PlatformEvent.make(
      dice,
      at,
      "v2.audits.entitytype.{id}.entityid.{id}",
      `v2.audits.entitytype.${body.entityType}.entityid.${body.entity.id}`,
      body,
      [500, 999]
    )
  })
}

/** When what an audit tells of happened, in epoch milliseconds. */
export const happenedAt = ({ eventBody }: PlatformEvent.PlatformEvent): number =>
  Date.parse(String(eventBody["eventTime"]))

/** The record of the audit log that an audit's event tells of. */
export const recordOf = ({ eventBody }: PlatformEvent.PlatformEvent): PlatformEvent.EventBody => {
  const { eventTime, ...record } = eventBody
  return { ...record, eventDate: eventTime }
}
