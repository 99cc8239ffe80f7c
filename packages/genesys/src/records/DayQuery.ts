/**
 * The conversations that started on one day, by the query. It finds conversations by the day they started on, and gives at most 100,000 of
 * one question: of a day with more, the first ones are asked for in order of time, and the last ones in the other order.
 */
import { DateTime, Effect, Option, Ref, Stream } from "effect"
import { queryHitsMax, queryPageSizeMax } from "./AnalyticsApi.js"
import type { AnalyticsCalls, CallError } from "./AnalyticsCalls.js"
import type { AnalyticsInterval } from "./AnalyticsInterval.js"
import { TooManyConversations } from "./RecordsError.js"

const lastPage = queryHitsMax / queryPageSizeMax

/** How many conversations of one day the query can give. */
export const most = 2 * queryHitsMax

/** The days (UTC) that the interval touches, each as an interval that touches no other. */
export const days = ({ end, start }: AnalyticsInterval): ReadonlyArray<AnalyticsInterval> => {
  const found: Array<AnalyticsInterval> = []
  for (let day = DateTime.startOf(start, "day"); DateTime.lessThan(day, end); day = DateTime.add(day, { days: 1 })) {
    // An end at midnight may be taken for a touch of the next day.
    const last = DateTime.subtract(DateTime.add(day, { days: 1 }), { millis: 1 })
    const until = DateTime.min(last, end)
    if (DateTime.lessThan(day, until)) found.push({ start: day, end: until })
  }
  return found
}

/** Pages of conversations. A conversation may come twice, from both ends. Fails with `TooManyConversations` where the ends do not meet. */
export const pages = (
  calls: Pick<AnalyticsCalls, "query">,
  day: AnalyticsInterval,
  isKnown: (conversation: unknown) => boolean
): Stream.Stream<ReadonlyArray<unknown>, CallError | TooManyConversations> => {
  const tooMany = (count: number | undefined) =>
    new TooManyConversations({ day: DateTime.formatIso(day.start).slice(0, 10), count: count ?? null, most })

  const ask = (order: "asc" | "desc", pageNumber: number) =>
    calls.query({
      interval: day,
      order,
      orderBy: "conversationStart",
      paging: { pageSize: queryPageSizeMax, pageNumber }
    })

  /** From the first one on, as far as the query goes; whether there are more is left in `goesOn`. */
  const forwards = (goesOn: Ref.Ref<boolean>) =>
    Stream.paginateEffect(1, (pageNumber) =>
      Effect.gen(function* () {
        const { conversations, totalHits } = yield* ask("asc", pageNumber)
        if (totalHits !== undefined && totalHits > most) return yield* tooMany(totalHits)
        const isLast =
          conversations.length < queryPageSizeMax ||
          (totalHits !== undefined && pageNumber * queryPageSizeMax >= totalHits)
        const isEnd = pageNumber === lastPage
        yield* Ref.set(goesOn, isEnd && !isLast)
        return [conversations, isLast || isEnd ? Option.none() : Option.some(pageNumber + 1)]
      })
    )

  /** From the last one back, to where everything is known. */
  const backwards = Stream.paginateEffect(1, (pageNumber) =>
    Effect.gen(function* () {
      const { conversations, totalHits } = yield* ask("desc", pageNumber)
      if (conversations.every(isKnown)) return [conversations, Option.none()]
      if (pageNumber === lastPage) return yield* tooMany(totalHits)
      return [conversations, Option.some(pageNumber + 1)]
    })
  )

  return Stream.unwrap(
    Effect.map(Ref.make(false), (goesOn) =>
      Stream.concat(
        forwards(goesOn),
        Stream.unwrap(Effect.map(Ref.get(goesOn), (more) => (more ? backwards : Stream.empty)))
      )
    )
  )
}
