/** Names of topics, which are long and begin alike: what several have in common is told once, above them. */

/** The topics under one heading, or one that stands alone. */
export interface Section<A> {
  /** What their names begin with; undefined where nothing is left out of them. */
  readonly heading: string | undefined
  readonly entries: ReadonlyArray<{ readonly item: A; readonly name: string }>
}

/** `v2.detail.events.conversation.{id}.` of `v2.detail.events.conversation.{id}.acd.end`; nothing where no more follows on an id. */
const beginning = (name: string): string => /^.*\{[^}]*\}\./.exec(name)?.[0] ?? ""

/** `items` under what their names begin with, as far as two begin with it; in the order of the first of each. */
export const sections = <A>(
  items: ReadonlyArray<A>,
  nameOf: (item: A) => string | undefined
): ReadonlyArray<Section<A>> => {
  const found = new Map<string, Array<A>>()
  for (const [at, item] of items.entries()) {
    const name = nameOf(item) ?? ""
    const key = beginning(name) === "" ? `${at}` : beginning(name)
    found.set(key, [...(found.get(key) ?? []), item])
  }
  return [...found].map(([heading, members]) => {
    const isShared = members.length > 1
    return {
      heading: isShared ? heading : undefined,
      entries: members.map((item) => {
        const name = nameOf(item) ?? ""
        return { item, name: isShared ? name.slice(heading.length) : name }
      })
    }
  })
}

/** The last words of a topic's name, by which a list of few columns tells it: `acd.end`, `presence`. */
export const short = (name: string): string => name.slice(beginning(name).length)
