/** The organization that the sandbox plays: its people, its queues and its conversations, all from the seed. */
import { Array } from "effect"
import { Dice, type Seed } from "./Dice.js"

/** Somebody who works there. */
export interface User {
  readonly id: string
  readonly name: string
}

/** Where conversations wait. */
export interface Queue {
  readonly id: string
  readonly name: string
}

/** A contact of a customer with the organization. */
export interface Conversation {
  readonly id: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly customer: string
  readonly customerParticipantId: string
  readonly acdParticipantId: string
  readonly agentParticipantId: string
  readonly agent: User
  readonly queue: Queue
  readonly direction: "inbound" | "outbound"
}

/** An organization. */
export interface Organization {
  readonly seed: Seed
  readonly id: string
  readonly users: Array.NonEmptyReadonlyArray<User>
  readonly queues: Array.NonEmptyReadonlyArray<Queue>
}

const firstNames = ["Ada", "Bea", "Carl", "Dora", "Emil", "Faye", "Gita", "Hugo", "Ines", "Jonas"] as const
const lastNames = ["Abel", "Brandt", "Costa", "Dietz", "Engel", "Flores", "Grau", "Hsu"] as const
const queueNames = ["Billing", "Orders", "Returns", "Technical Support", "Retention", "Claims"] as const

/** The organization of a seed: 24 users, 6 queues. */
export const make = (seed: Seed): Organization => {
  const dice = Dice.of(seed, "organization")
  return {
    seed,
    id: dice.uuid(),
    users: Array.makeBy(24, () => ({ id: dice.uuid(), name: `${dice.pick(firstNames)} ${dice.pick(lastNames)}` })),
    queues: Array.map(queueNames, (name) => ({ id: dice.uuid(), name }))
  }
}

const slotMillis = 180_000
const conversationsPerSlot = 6

/** A conversation that is going on at `at` (epoch milliseconds); events close in time share a few of them. */
export const conversationAt = (organization: Organization, at: number, dice: Dice): Conversation => {
  const slot = Math.floor(at / slotMillis)
  const own = Dice.of(organization.seed, "conversation", slot, dice.int(0, conversationsPerSlot - 1))
  return {
    id: own.uuid(),
    startedAt: slot * slotMillis - own.int(0, 60_000),
    customer: `+1555${own.int(1_000_000, 9_999_999)}`,
    customerParticipantId: own.uuid(),
    acdParticipantId: own.uuid(),
    agentParticipantId: own.uuid(),
    agent: own.pick(organization.users),
    queue: own.pick(organization.queues),
    direction: own.chance(0.85) ? "inbound" : "outbound"
  }
}
