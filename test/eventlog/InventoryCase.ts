/** Inventories to make texts and pages of. */
import { Instant, InventoryReport } from "@genesys-replay/domain"
import * as InventoryPage from "@genesys-replay/eventlog/InventoryPage"
import { Option } from "effect"
import { generatedAt } from "./TopicReportCase.js"

/** An instant. */
export const at = (text: string) => Option.getOrThrow(Instant.parse(text))

const conversation = (name: string, observed: number, unique: number) => ({
  group: `v2.detail.events.conversation.{id}.${name}`,
  observed,
  unique,
  duplicates: observed - unique,
  from: at("2025-11-10T10:00:00.250Z"),
  to: at("2025-11-10T11:59:59.999Z")
})

/** Four topics of two hours, one of them without times. */
export const inventory = (): InventoryReport.InventoryReport =>
  InventoryReport.make({
    inventory: [
      conversation("acd.end", 1_210, 1_200),
      conversation("user.start", 900, 900),
      { ...conversation("", 5, 5), group: "v2.audits.entitytype.{id}.entityid.{id}" },
      { group: null, observed: 2, unique: 1, duplicates: 1, from: null, to: null }
    ],
    rejected: { count: 1, first: [{ source: "a.ndjson", line: 7, reason: "not JSON" }] },
    unread: [],
    leftOut: { count: 0, first: [] }
  })

/** An inventory in which every text from input is `text`. */
export const saying = (text: string): InventoryReport.InventoryReport =>
  InventoryReport.make({
    inventory: inventory().inventory.map((group) => ({ ...group, group: text })),
    rejected: { count: 1, first: [{ source: text, line: 7, reason: text }] },
    unread: [{ source: text, reason: text, bytesRead: 0 }],
    leftOut: { count: 1, first: [{ source: text, reason: text }] }
  })

/** The page of an inventory. */
export const page = (one: InventoryReport.InventoryReport): string => InventoryPage.render(one, { generatedAt })
