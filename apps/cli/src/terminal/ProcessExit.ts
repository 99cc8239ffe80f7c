/**
 * How a process that was interrupted ends: at once, whatever it waits for.
 *
 * Node joins its threads before it exits, also one that will wait for ever: for somebody who writes into a FIFO, for a name server
 * that does not answer. Such a process ends by the signal itself, which a shell tells as the same exit code.
 */
import * as ExitCode from "./ExitCode.js"

// What runs in threads, as Node names it, and may take as long as it likes.
const inThreads = /^(?:FSReq|GetAddrInfoReq|GetNameInfoReq)/

// A file that is being closed needs no more.
const patienceMs = 250
const stepMs = 10

const isBlocked = (): boolean => process.getActiveResourcesInfo().some((kind) => inThreads.test(kind))

/** Exits with this code. Interrupted, the process dies of SIGINT where a thread does not come back. */
export const afterWork = (code: number, exit: (code: number) => void): void => {
  const look = (leftMs: number): void => {
    if (code !== ExitCode.interrupted || !isBlocked()) exit(code)
    else if (leftMs > 0) setTimeout(look, stepMs, leftMs - stepMs)
    else process.kill(process.pid, "SIGINT")
  }
  look(patienceMs)
}
