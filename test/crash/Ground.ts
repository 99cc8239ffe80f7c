/** What the machine lets a test do to a file system. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import type { Surroundings } from "./Process.js"

const isRoot = process.getuid?.() === 0

const bin = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))

const succeeds = (program: string, args: ReadonlyArray<string>, as: Surroundings["as"] = undefined): boolean =>
  spawnSync(program, args, { stdio: "ignore", ...as }).status === 0

/** Who may not do everything: `nobody` where this is root, to whom permissions mean nothing; else who runs this. */
export const somebody: Required<Surroundings>["as"] | undefined = isRoot ? { uid: 65_534, gid: 65_534 } : undefined

/** Whether somebody can read the command line: root's own directories are closed to others. */
export const isOpenToSomebody: boolean = succeeds(process.execPath, [bin, "--version"], somebody)

const mount = (size: string, directory: string, more: ReadonlyArray<string> = []) =>
  succeeds("mount", [
    ...more,
    "-t",
    "tmpfs",
    "-o",
    `size=${size}${more.length > 0 ? ",remount" : ""},mode=0777`,
    "tmpfs",
    directory
  ])

const unmount = (directory: string) => succeeds("umount", ["-l", directory])

/** Whether a disk can be made here: that takes root, and a container may refuse it even so. */
export const hasDisks: boolean =
  isRoot &&
  (() => {
    const directory = mkdtempSync(join(tmpdir(), "genesys-replay-disk-"))
    const made = mount("64k", directory)
    if (made) unmount(directory)
    rmdirSync(directory)
    return made
  })()

/** A disk of this size (`400k`) at this directory, for as long as the scope is open; it can grow. */
export const disk = (directory: string, size: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      if (!mount(size, directory)) throw new Error(`no disk could be made at ${directory}`)
      return { grow: (to: string) => Effect.sync(() => mount(to, directory, ["-n"])) }
    }),
    () => Effect.sync(() => unmount(directory))
  )
