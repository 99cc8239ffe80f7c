import { describe, expect, it } from "@effect/vitest"
import type { AuditEntry } from "@genesys-replay/domain"
import { AuditChain, CanonicalJson } from "@genesys-replay/pipeline"
import { FastCheck } from "effect"

const text = FastCheck.string({ unit: "grapheme", maxLength: 12 })

const entryOf = (window: string, detail: Record<string, unknown>, second: number): AuditEntry.AuditEntry => ({
  action: "create_replay_config",
  config_id: "c-1",
  retention_days: 60,
  replay_start: null,
  topics: ["genesys.x.y"],
  latency_ms: 12.5,
  timestamp: `2024-01-15T08:00:${String(second % 60).padStart(2, "0")}Z`,
  window,
  payload_hash: "0123456789abcdef",
  detail
})

const chainOf = (entries: ReadonlyArray<AuditEntry.AuditEntry>) =>
  entries.reduce<{ readonly links: ReadonlyArray<AuditChain.Link>; readonly head: AuditChain.Head }>(
    ({ head, links }, entry) => {
      const link = AuditChain.append(head, entry)
      return { links: [...links, link], head: AuditChain.headOf(link) }
    },
    { links: [], head: AuditChain.genesis }
  )

const trail = FastCheck.array(FastCheck.record({ window: text, note: text }), { minLength: 1, maxLength: 8 }).map(
  (all) => chainOf(all.map(({ note, window }, second) => entryOf(window, { note }, second)))
)

/** A trail, and the number of one of its entries. */
const trailAndPlace = trail.chain((made) =>
  FastCheck.record({ made: FastCheck.constant(made), at: FastCheck.integer({ min: 1, max: made.links.length }) })
)

const three = chainOf(["a", "b", "c"].map((window, second) => entryOf(window, {}, second)))
const [first, second, third] = three.links

const link = (of: AuditChain.Link | undefined): AuditChain.Link => {
  if (of === undefined) throw new Error("no such link")
  return of
}

/** The links with the numbers of their places, as somebody who hides a gap would number them. */
const renumbered = (links: ReadonlyArray<AuditChain.Link>) =>
  links.map((each, index) => ({ ...each, sequence: index + 1 }))

/** The link as somebody would write it who knows how hashes are made. */
const rehashed = (each: AuditChain.Link): AuditChain.Link => ({
  ...each,
  hash: CanonicalJson.digest({ entry: JSON.parse(each.entry), previous: each.previous, sequence: each.sequence }, 64)
})

const firstBad = (links: ReadonlyArray<AuditChain.Link>, head: AuditChain.Head | undefined = three.head) => {
  const verdict = AuditChain.verify(links, head)
  return verdict._tag === "Intact" ? "intact" : `${verdict.damage} ${verdict.sequence}`
}

describe("AuditChain", () => {
  it("numbers from 1, and hashes the canonical JSON of entry, previous and sequence", () => {
    FastCheck.assert(
      FastCheck.property(trail, ({ head, links }) => {
        let previous = AuditChain.genesis.hash
        links.forEach((each, index) => {
          expect([each.sequence, each.previous]).toEqual([index + 1, previous])
          expect(rehashed(each)).toEqual(each)
          previous = each.hash
        })
        expect(head).toEqual({ count: links.length, hash: previous })
        expect(AuditChain.verify(links, head)).toEqual(new AuditChain.Intact({ count: links.length, head: previous }))
      })
    )
  })

  it("is whole without entries", () => {
    expect(firstBad([], AuditChain.genesis)).toBe("intact")
  })

  it("takes half a character for the sign of an unknown one, which every JSON reader reads alike", () => {
    const odd = AuditChain.append(AuditChain.genesis, entryOf("\ud800", { path: "\\ud800", "\udc00": 1 }, 0))
    expect(JSON.parse(odd.entry)).toMatchObject({ window: "\ufffd", detail: { path: "\\ud800", "\ufffd": 1 } })
    expect(firstBad([odd], AuditChain.headOf(odd))).toBe("intact")
  })

  it("names an entry of which any single character was changed", () => {
    FastCheck.assert(
      FastCheck.property(
        trailAndPlace,
        FastCheck.nat(),
        FastCheck.constantFrom(" ", "x", "\u0000", "é"),
        (of, where, by) => {
          const { at, made } = of
          const edited = made.links.map((each) => {
            if (each.sequence !== at) return each
            const place = where % each.entry.length
            return { ...each, entry: each.entry.slice(0, place) + by + each.entry.slice(place + 1) }
          })
          const same = edited[at - 1]?.entry === made.links[at - 1]?.entry
          expect(firstBad(edited, made.head)).toBe(same ? "intact" : `edited ${at}`)
        }
      )
    )
  })

  it("names an entry whose hash, previous hash, time, action or window to search by was changed", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, ({ at, made }) => {
        const edits: ReadonlyArray<(each: AuditChain.Link) => AuditChain.Link> = [
          (each) => ({ ...each, hash: each.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }),
          (each) => ({ ...each, previous: each.previous.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }),
          (each) => ({ ...each, index: { ...each.index, at: each.index.at + 1 } }),
          (each) => ({ ...each, index: { ...each.index, action: "cancel_replay" } }),
          (each) => ({ ...each, index: { ...each.index, window: `${each.index.window}x` } })
        ]
        for (const edit of edits) {
          const edited = made.links.map((each) => (each.sequence === at ? edit(each) : each))
          expect(firstBad(edited, made.head)).toBe(`edited ${at}`)
        }
      })
    )
  })

  it("names an entry that was rewritten with its hash, by what the next one or the head says of it", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, ({ at, made }) => {
        const forged = made.links.map((each) =>
          each.sequence === at ? rehashed({ ...each, entry: each.entry.replace('"c-1"', '"c-2"') }) : each
        )
        expect(firstBad(forged, made.head)).toBe(`edited ${at}`)
        const relinked = made.links.map((each) =>
          each.sequence === at ? rehashed({ ...each, previous: "f".repeat(64) }) : each
        )
        expect(firstBad(relinked, made.head)).toBe(`edited ${at}`)
      })
    )
  })

  it("names an entry that was removed, whether or not the others were numbered anew", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, ({ at, made }) => {
        const left = made.links.filter(({ sequence }) => sequence !== at)
        const isLast = at === made.links.length
        expect(firstBad(left, made.head)).toBe(isLast ? `cut ${at}` : `removed ${at}`)
        const head = { ...made.head, count: left.length }
        if (!isLast) expect(firstBad(renumbered(left), head)).toBe(`removed ${at}`)
      })
    )
  })

  it("names the first entry of those that were removed together", () => {
    expect(firstBad([link(third)])).toBe("removed 1")
    expect(firstBad(renumbered([link(third)]), { ...three.head, count: 1 })).toBe("removed 1")
  })

  it("names an entry that was inserted, even one with a hash and a place that fit", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, FastCheck.boolean(), ({ at, made }, forged) => {
        const before = made.links.slice(0, at - 1)
        const previous = before.at(-1)?.hash ?? AuditChain.genesis.hash
        const stranger = { ...AuditChain.append({ count: at - 1, hash: previous }, entryOf("stranger", {}, 0)) }
        const inserted = forged ? stranger : { ...stranger, hash: "f".repeat(64) }
        const links = renumbered([...before, inserted, ...made.links.slice(at - 1)])
        expect(firstBad(links, { ...made.head, count: links.length })).toBe(`inserted ${at}`)
      })
    )
  })

  it("names an entry that stands a second time, not the one that it is a copy of", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, FastCheck.nat(), ({ at, made }, step) => {
        const to = at + 1 + (step % (made.links.length - at + 1))
        const copy = link(made.links[at - 1])
        const links = renumbered([...made.links.slice(0, to - 1), copy, ...made.links.slice(to - 1)])
        expect(firstBad(links, { ...made.head, count: links.length })).toBe(`inserted ${to}`)
      })
    )
  })

  it("names the first of several that were inserted with hashes and places that fit", () => {
    const forged = chainOf(["a", "x", "y"].map((window, index) => entryOf(window, {}, index)))
    const links = renumbered([link(first), ...forged.links.slice(1), link(second), link(third)])
    expect(firstBad(links, { ...three.head, count: 5 })).toBe("inserted 2")
  })

  it("names an entry that was added behind the end", () => {
    FastCheck.assert(
      FastCheck.property(trail, ({ head, links }) => {
        const added = AuditChain.append(head, entryOf("stranger", {}, 0))
        expect(AuditChain.verify([...links, added], head)).toMatchObject({
          damage: "inserted",
          sequence: links.length + 1,
          window: "stranger"
        })
      })
    )
  })

  it("names the first of two entries that changed places, or whose texts did", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, FastCheck.nat(), ({ at, made }, step) => {
        const count = made.links.length
        const other = ((at - 1 + 1 + (step % Math.max(1, count - 1))) % count) + 1
        if (other === at) return
        const swapped = renumbered(
          made.links.map((each) =>
            link(made.links[(each.sequence === at ? other : each.sequence === other ? at : each.sequence) - 1])
          )
        )
        const early = Math.min(at, other)
        const verdict = AuditChain.verify(swapped, made.head)
        expect(verdict).toMatchObject({ sequence: early, damage: "reordered" })
        const texts = made.links.map((each, index) => ({ ...each, entry: swapped[index]?.entry ?? "" }))
        expect(firstBad(texts, made.head)).toBe(`edited ${early}`)
      })
    )
  })

  it("finds a tail that was cut, and a head that is gone", () => {
    FastCheck.assert(
      FastCheck.property(trailAndPlace, ({ at, made }) => {
        expect(firstBad(made.links.slice(0, at - 1), made.head)).toBe(`cut ${at}`)
      })
    )
    const gone = AuditChain.verify(three.links, undefined)
    expect(gone).toMatchObject({ damage: "cut", sequence: 4, expected: "the head of the trail", action: null })
  })

  it("says of the first bad entry what it says of itself", () => {
    const forged = rehashed({ ...link(second), entry: link(second).entry.replace('"c-1"', '"c-9"') })
    expect(AuditChain.verify([link(first), forged, link(third)], three.head)).toMatchObject({
      sequence: 2,
      damage: "edited",
      action: "create_replay_config",
      window: "b",
      timestamp: "2024-01-15T08:00:01Z",
      expected: `hash ${link(second).hash}`
    })
  })
})
