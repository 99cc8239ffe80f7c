/** A way to a server that can fall silent: nothing passes any more, and neither side is told. */
import { connect, createServer, type Socket } from "node:net"
import { Effect } from "effect"

/** Its port, and what makes it silent; connections that are opened later are silent too. */
export const make = (port: number) =>
  Effect.gen(function* () {
    const sockets = new Set<Socket>()
    let isSilent = false
    const server = yield* Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const listening = createServer((near) => {
          const far = connect(port, "127.0.0.1")
          for (const [from, to] of [
            [near, far],
            [far, near]
          ] as const) {
            sockets.add(from)
            from.on("data", (piece) => (isSilent ? undefined : to.write(piece)))
            from.on("error", () => undefined)
            from.on("close", () => (isSilent ? undefined : to.destroy()))
          }
        }).listen(0, "127.0.0.1", () => resume(Effect.succeed(listening)))
      }),
      (listening) =>
        Effect.sync(() => {
          for (const socket of sockets) socket.destroy()
          listening.close()
        })
    )
    const address = server.address()
    return {
      port: typeof address === "object" && address !== null ? address.port : 0,
      silence: Effect.sync(() => {
        isSilent = true
      })
    }
  })
