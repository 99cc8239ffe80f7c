/** Presence: who is there. The user's id stands in the topic's name only. */
import { Array } from "effect"
import type { Organization } from "./Organization.js"
import * as PlatformEvent from "./PlatformEvent.js"
import { SeededRandom } from "./SeededRandom.js"

/** The changes of presence in a minute, counted from 1970; `count` of them. */
export const inMinute = (
  organization: Organization,
  minute: number,
  count: number
): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  if (count === 0) return []
  const random = SeededRandom.of(organization.seed, "presences", minute)
  return Array.makeBy(count, () => {
    const at = minute * 60_000 + random.int(0, 59_999)
    const presence = random.pick(organization.presences)
    const user = random.pick(organization.users)
    return PlatformEvent.make(random, at, "v2.users.{id}.presence", `v2.users.${user.id}.presence`, {
      source: "PURECLOUD",
      presenceDefinition: { id: presence.id, systemPresence: presence.name },
      primary: true,
      message: "",
      modifiedDate: new Date(at).toISOString()
    })
  })
}
