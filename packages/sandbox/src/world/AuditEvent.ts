/** Audits: who changed what. One record of the audit log is one event, and the event's body is the record. */
import { Array } from "effect"
import type { Named, Organization } from "./Organization.js"
import * as PlatformEvent from "./PlatformEvent.js"
import { SeededRandom } from "./SeededRandom.js"

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
const bodyOf = (organization: Organization, random: SeededRandom, at: number) => {
  const change = random.pick(changes)
  const entity = random.pick(change.of(organization))
  const by = random.pick(organization.users)
  const [before, after] = change.values
  return {
    id: random.uuid(),
    userId: by.id,
    userHomeOrgId: organization.id,
    username: { id: "" },
    clientId: { id: random.uuid() },
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
  const random = SeededRandom.of(organization.seed, "audits", minute)
  return Array.makeBy(count, () => {
    const at = minute * 60_000 + random.int(0, 59_999)
    const body = bodyOf(organization, random, at)
    return PlatformEvent.make(
      random,
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
