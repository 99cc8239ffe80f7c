/** The beginning of a file: what form it has, and so how it can be read. */
import * as LogForm from "./LogForm.js"
import * as LogSource from "./LogSource.js"
import type { Found } from "./SourcePaths.js"

/** How a source is read. */
export interface Planned {
  readonly source: LogSource.LogSource
  /** Null where nobody knows before the end. */
  readonly size: number | null
  /** Once, from its beginning; at once, as it is small; or in parts, at any place, where `isLines` cut at line feeds. */
  readonly access: "stream" | "whole" | "parts"
  readonly isLines: boolean
}

/** A source that is read once, from its beginning. */
export const streamed = (source: LogSource.LogSource, size: number | null): Planned => ({
  source,
  size,
  access: "stream",
  isLines: false
})

/** Looks at the beginning of a file, unless it has fewer bytes than `small`. What can't be looked at is read as a stream, which will say why. */
export const plan = ({ path, size }: Found, small: number): Planned => {
  const source = LogSource.file(path)
  if (size === null) return streamed(source, size)
  if (size < small) return { source, size, access: "whole", isLines: false }
  try {
    const form = LogForm.ofFile(path)
    return form === "lines" || form === "whole"
      ? { source, size, access: "parts", isLines: form === "lines" }
      : streamed(source, size)
  } catch {
    return streamed(source, size)
  }
}
