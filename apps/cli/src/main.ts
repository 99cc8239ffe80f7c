/** The process begins: while it loads the command line, another thread already reads the log that is to be verified. */
import { statSync } from "node:fs"
import * as ReadAhead from "@genesys-replay/eventlog/ReadAhead"

const sizeOf = (path: string): number => {
  const info = statSync(path, { throwIfNoEntry: false })
  return info?.isFile() === true ? info.size : 0
}

const [command, ...words] = process.argv.slice(2)
if (command === "verify") {
  const logs = words.filter((word) => sizeOf(word) > 0)
  const [log] = logs
  // Of several logs another plan is made; and whatever the options say, the reader takes only what it would have begun itself.
  if (log !== undefined && logs.length === 1) {
    ReadAhead.begin(new URL("./LogWorker.js", import.meta.url), log, sizeOf(log))
  }
}

await import("./Process.js")
