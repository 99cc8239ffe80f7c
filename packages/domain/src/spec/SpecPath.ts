/** Places in a spec: `windows[0].start`. */

/** The keys that lead to a place, from the root. */
export type SpecPath = ReadonlyArray<PropertyKey>

/** `windows[0].start`; keys that are no plain word are quoted: `retention["v2.*"]`. The root is the empty text. */
export const format = (path: SpecPath): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    const word = String(key)
    if (!/^[A-Za-z_]\w*$/.test(word)) return `${text}[${JSON.stringify(word)}]`
    return text === "" ? word : `${text}.${word}`
  }, "")
