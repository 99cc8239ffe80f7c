/** A way to a server that can be cut, and mended: what a restart, or a network that is gone, looks like from here. */
import { connect, createServer, type Socket } from "node:net"
import { Effect } from "effect"

/** A port that leads to `port` of this machine, until it is cut. */
export const to = (port: number) =>
  Effect.gen(function* () {
    const sockets = new Set<Socket>()
    const own = (socket: Socket) => {
      sockets.add(socket)
      socket.on("error", () => socket.destroy())
      socket.on("close", () => sockets.delete(socket))
      return socket
    }
    const server = createServer((near) => {
      const far = own(connect(port, "127.0.0.1"))
      own(near).pipe(far).pipe(near)
      near.on("close", () => far.destroy())
      far.on("close", () => near.destroy())
    })
    const listen = (at: number) =>
      Effect.async<number>((resume) => {
        server.listen(at, "127.0.0.1", () => {
          const address = server.address()
          resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
        })
      })
    const cut = Effect.async<void>((resume) => {
      server.close(() => resume(Effect.void))
      for (const socket of sockets) socket.destroy()
    })
    const at = yield* Effect.acquireRelease(listen(0), () =>
      Effect.suspend(() => (server.listening ? cut : Effect.void))
    )
    return { port: at, cut, mend: Effect.asVoid(listen(at)) }
  })
