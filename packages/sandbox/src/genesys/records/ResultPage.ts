/** Results that are read page by page: each page but the last has a cursor that leads to the next. */
import { Option } from "effect"

/** Which page; without a cursor the first. */
export interface ResultPageRequest {
  readonly cursor: string | undefined
  readonly pageSize: number
}

/** A page; without a cursor the last one. */
export interface ResultPage<A> {
  readonly items: ReadonlyArray<A>
  readonly cursor: string | undefined
}

/** A page of `all`; none where the cursor is none that a page had. */
export const of = <A>(all: ReadonlyArray<A>, { cursor, pageSize }: ResultPageRequest): Option.Option<ResultPage<A>> => {
  const from = cursor === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(cursor)?.[1] ?? Number.NaN)
  if (Number.isNaN(from)) return Option.none()
  const end = from + pageSize
  return Option.some({ items: all.slice(from, end), cursor: end < all.length ? `from-${end}` : undefined })
}
