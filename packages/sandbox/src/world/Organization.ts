/** The organization that the sandbox plays: its people, queues, flows and codes, all from the seed. */
import { Array } from "effect"
import { type Seed, SeededRandom } from "./SeededRandom.js"

/** Something with an id and a name. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** A flow that conversations go through. */
export interface Flow extends Named {
  readonly flowType: "inboundcall" | "inboundemail" | "inboundshortmessage" | "bot" | "outboundcall" | "inqueuecall"
  readonly version: string
  /** What it reports of a conversation. */
  readonly outcomes: Array.NonEmptyReadonlyArray<Named>
  readonly milestoneId: string
}

/** An outbound campaign. */
export interface Campaign extends Named {
  readonly contactListId: string
}

/** An organization. */
export interface Organization {
  readonly seed: Seed
  readonly id: string
  readonly divisionId: string
  readonly users: Array.NonEmptyReadonlyArray<Named>
  readonly queues: Array.NonEmptyReadonlyArray<Named>
  readonly wrapUpCodes: Array.NonEmptyReadonlyArray<Named>
  readonly flows: { readonly [flowType in Flow["flowType"]]: Flow }
  readonly campaigns: Array.NonEmptyReadonlyArray<Campaign>
  readonly presences: Array.NonEmptyReadonlyArray<Named>
  /** The id of its `amazon-eventbridge-source` integration. */
  readonly integrationId: string
}

const firstNames = ["Ada", "Bea", "Carl", "Dora", "Emil", "Faye", "Gita", "Hugo", "Ines", "Jonas"] as const
const lastNames = ["Abel", "Brandt", "Costa", "Dietz", "Engel", "Flores", "Grau", "Hsu"] as const
const queueNames = ["Billing", "Orders", "Returns", "Technical Support", "Retention", "Claims"] as const
const wrapUpNames = ["Solved", "Callback agreed", "Escalated", "Wrong number", "No answer needed"] as const
const outcomeNames = ["Self service", "Authenticated", "Routed"] as const
const presenceNames = ["AVAILABLE", "BUSY", "AWAY", "BREAK", "MEAL", "MEETING", "ON_QUEUE", "OFFLINE"] as const

/** The suffix of its event source: the integration's `eventSourceSuffix`. */
export const eventSourceSuffix = "sandbox"

/** The organization of a seed: 24 users, 6 queues. */
export const make = (seed: Seed): Organization => {
  const random = SeededRandom.of(seed, "organization")
  const named = <const Name extends string>(name: Name) => ({ id: random.uuid(), name })
  const flow = (flowType: Flow["flowType"], name: string): Flow => ({
    ...named(name),
    flowType,
    version: `${random.int(1, 40)}.0`,
    outcomes: Array.map(outcomeNames, named),
    milestoneId: random.uuid()
  })
  return {
    seed,
    id: random.uuid(),
    users: Array.makeBy(24, () => named(`${random.pick(firstNames)} ${random.pick(lastNames)}`)),
    queues: Array.map(queueNames, named),
    divisionId: random.uuid(),
    wrapUpCodes: Array.map(wrapUpNames, named),
    flows: {
      inboundcall: flow("inboundcall", "Main menu"),
      inboundemail: flow("inboundemail", "E-mail routing"),
      inboundshortmessage: flow("inboundshortmessage", "Message routing"),
      bot: flow("bot", "Order bot"),
      outboundcall: flow("outboundcall", "Survey calls"),
      inqueuecall: flow("inqueuecall", "Music and position")
    },
    campaigns: Array.map(["Renewals", "Reminders"] as const, (name) => ({
      ...named(name),
      contactListId: random.uuid()
    })),
    presences: Array.map(presenceNames, named),
    integrationId: random.uuid()
  }
}

/** The partner event source of its integration; its partner bus is named so too. */
export const eventSource = (organization: Organization): string =>
  `aws.partner/genesys.com/cloud/${organization.id}/${eventSourceSuffix}`
