/** The time of an envelope, `time`, read from its bytes: by it, and not by when an event happened, an archive files and replays events. */
import * as EventIdentity from "@genesys-replay/domain/EventIdentity"
import * as EventTime from "@genesys-replay/domain/EventTime"
import * as InstantText from "@genesys-replay/domain/InstantText"

// The envelope's own keys stand before its `detail`, as AWS writes them: what comes before any object inside is one of them. Texts are
// passed over whole, whatever is in them.
const written = /^\{(?:"(?:[^"\\]|\\.)*"|[^{"])*?"time":\s*"([^"\\]+)"/

// More than all keys before `detail` take.
const headBytes = 1_024

const parsedMs = (bytes: Buffer): number | undefined => {
  try {
    const value = EventIdentity.valueAt(JSON.parse(bytes.toString()), EventTime.ofEnvelope)
    return typeof value === "string" ? InstantText.toMs(value) : undefined
  } catch {
    return undefined
  }
}

/** In milliseconds since 1970; undefined where there is none. */
export const of = (event: Uint8Array): number | undefined => {
  const bytes = Buffer.from(event.buffer, event.byteOffset, event.length)
  const [, text] = written.exec(bytes.toString("latin1", 0, Math.min(bytes.length, headBytes))) ?? []
  return (text === undefined ? undefined : InstantText.toMs(text)) ?? parsedMs(bytes)
}
