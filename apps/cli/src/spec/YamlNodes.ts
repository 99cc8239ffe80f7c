/** The nodes of a spec file: what its aliases stand for, how much it is in full, and where each value is written. */
import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq } from "yaml"

/** Something that cannot stand where it does, with its offset in the text. */
export interface NodeProblem {
  readonly offset: number
  readonly message: string
}

/** The nodes, and what is wrong with them. */
export interface YamlNodes {
  readonly problems: ReadonlyArray<NodeProblem>
  /** Where the value at these keys is written; for one that is not there, where its parent is. */
  readonly offsetOf: (keys: ReadonlyArray<string | number>) => number
}

/** So many values has a spec with all its aliases written out. A few lines of aliases to aliases can stand for billions. */
const mostValues = 1_000_000

const offset = (node: unknown): number =>
  typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range) ? Number(node.range[0]) : 0

const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && (typeof key.value === "symbol" ? key.value.description : key.value) === "<<" && key.type === "PLAIN"

/** Reads the nodes of a document once, in the order of the text. */
export const of = (document: Document.Parsed): YamlNodes => {
  const problems: Array<NodeProblem> = []
  const anchors = new Map<string, object>()
  const sources = new Map<object, object>()
  const sizes = new Map<object, number>()

  const meant = (node: unknown): unknown => (isAlias(node) ? sources.get(node) : node)

  const merged = (value: unknown): ReadonlyArray<unknown> => {
    const source = meant(value)
    return isSeq(source) ? source.items.map(meant) : [source]
  }

  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) {
      const source = anchors.get(node.source)
      const size = source === undefined ? undefined : sizes.get(source)
      if (source !== undefined && size !== undefined) {
        sources.set(node, source)
        return size
      }
      const message =
        source === undefined
          ? `*${node.source} stands for an anchor &${node.source}, and there is none before it`
          : `*${node.source} stands within its own anchor &${node.source}`
      problems.push({ offset: offset(node), message })
      return 1
    }
    if (typeof node !== "object" || node === null) return 1
    if ("anchor" in node && typeof node.anchor === "string") anchors.set(node.anchor, node)
    let size = 1
    if (isCollection(node)) {
      for (const item of node.items) {
        if (!isPair(item)) {
          size += sizeOf(item)
          continue
        }
        size += sizeOf(item.key) + sizeOf(item.value)
        if (isCollection(item.key)) {
          const message = "a key is a text, and this is a list or a map: is there a colon too many?"
          problems.push({ offset: offset(item.key), message })
        }
        if (isMergeKey(item.key) && !merged(item.value).every(isMap) && !merged(item.value).includes(undefined)) {
          const message =
            "<< takes over the keys of another place: behind it stands an alias (*name) of keys and values"
          problems.push({ offset: offset(item.key), message })
        }
      }
    }
    sizes.set(node, size)
    return size
  }

  if (sizeOf(document.contents) > mostValues) {
    problems.push({
      offset: offset(document.contents),
      message: `with all aliases (*name) written out the spec has more than ${mostValues} values: is an alias repeated within what others repeat?`
    })
  }

  /** The key's own place and its value in a map, also where the map takes it over from another one. */
  const entry = (map: unknown, key: string | number): { readonly at: number; readonly value: unknown } | undefined => {
    const node = meant(map)
    if (isSeq(node)) {
      const item: unknown = typeof key === "number" ? node.items[key] : undefined
      return item === undefined ? undefined : { at: offset(item), value: item }
    }
    if (!isMap(node)) return undefined
    const own = node.items.find((item) => isScalar(item.key) && !isMergeKey(item.key) && String(item.key.value) === key)
    if (own !== undefined) return { at: offset(own.key), value: own.value }
    for (const item of node.items) {
      if (!isMergeKey(item.key)) continue
      for (const source of merged(item.value)) {
        const inherited = entry(source, key)
        if (inherited !== undefined) return inherited
      }
    }
    return undefined
  }

  const offsetOf: YamlNodes["offsetOf"] = (keys) => {
    let at = offset(document.contents)
    let node: unknown = document.contents
    for (const key of keys) {
      const next = entry(node, key)
      if (next === undefined) return at
      at = next.at
      node = next.value
    }
    return at
  }

  return { problems, offsetOf }
}
