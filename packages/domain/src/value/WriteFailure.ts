/** Why something could not be written, in words, and what to do about it: the same for every file and every stream. */
import { Predicate } from "effect"

/** What the system said. */
export interface WriteFailure {
  /** What happened, with the code of the system where it gave one. */
  readonly reason: string
  readonly remedy: string
}

const elsewhere = "name a file in a directory that exists and that you may write to"

const known: Partial<Record<string, readonly [reason: string, remedy: string]>> = {
  EACCES: ["permission denied", elsewhere],
  EDQUOT: ["the disk quota is used up", "make room, or name a file on another disk"],
  EEXIST: ["a part of the path is a file and no directory", elsewhere],
  EFBIG: ["the file may not grow further", "raise the limit (ulimit -f), or name a file on another disk"],
  EIO: ["the disk reports an error", "check the disk, or name a file on another one"],
  EISDIR: ["it is a directory", "name a file in it"],
  ELOOP: ["its symbolic links lead round in a circle", elsewhere],
  EMFILE: ["this process has too many files open", "raise the limit (ulimit -n)"],
  ENAMETOOLONG: ["the name is too long", "choose a shorter name"],
  ENOENT: ["a directory of the path is not there", elsewhere],
  ENOSPC: ["the disk is full", "make room, or name a file on another disk"],
  ENOTDIR: ["a part of the path is a file and no directory", elsewhere],
  EPERM: ["the system does not permit it", elsewhere],
  EPIPE: ["nobody reads it any more", "keep the reader running to the end"],
  EROFS: ["the file system can only be read", "name a file on another disk"]
}

const textAt = (error: unknown, key: string): string | undefined =>
  Predicate.hasProperty(error, key) && typeof error[key] === "string" ? error[key] : undefined

/** The code of the system, `ENOSPC`, in an error of Node or in one of Effect's platform around it. */
export const codeOf = (error: unknown): string | undefined => {
  const own = textAt(error, "code")
  if (own !== undefined) return own
  if (Predicate.hasProperty(error, "cause") && error.cause !== undefined) return codeOf(error.cause)
  return /\b(E[A-Z0-9]{2,}):/.exec(textAt(error, "description") ?? textAt(error, "message") ?? "")?.[1]
}

/** The words for an error of writing, whoever raised it. */
export const of = (error: unknown): WriteFailure => {
  const code = codeOf(error)
  const [reason, remedy] = known[code ?? ""] ?? []
  return reason === undefined || remedy === undefined
    ? { reason: textAt(error, "message") ?? String(error), remedy: "choose another place for it" }
    : { reason: `${reason} (${code})`, remedy }
}
