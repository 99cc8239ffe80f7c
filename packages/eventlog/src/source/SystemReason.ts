/** What the system said of something that it would not do, in words. Loads nothing. */

const reasons: Partial<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  ENAMETOOLONG: "there is no such file: the name is too long",
  ELOOP: "it is a symbolic link that leads to itself",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENXIO: "it is a socket, or a device that cannot be opened"
}

/** The code that an error of the system has; empty where there is none. */
export const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""

/** The reason, for a person. */
export const of = (error: unknown): string => {
  const known = reasons[codeOf(error)]
  if (known !== undefined) return known
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error)
}
