import { SystemError } from "@effect/platform/Error"
import { describe, expect, it } from "@effect/vitest"
import { WriteFailure } from "@genesys-replay/domain"

const errno = (code: string) => Object.assign(new Error(`${code}: as the system says it, write`), { code })

describe("WriteFailure", () => {
  it("says what happened and what to do, whoever raised the error", () => {
    const full = { reason: "the disk is full (ENOSPC)", remedy: "make room, or name a file on another disk" }
    const platform = { module: "FileSystem", method: "writeAll", reason: "Unknown" } as const
    expect(WriteFailure.of(errno("ENOSPC"))).toEqual(full)
    expect(WriteFailure.of(new SystemError({ ...platform, cause: errno("ENOSPC") }))).toEqual(full)
    expect(WriteFailure.of(new SystemError({ ...platform, description: errno("ENOSPC").message }))).toEqual(full)
  })

  it("leaves what it does not know in the words of the system", () => {
    expect(WriteFailure.of(errno("EOWNERDEAD")).reason).toBe("EOWNERDEAD: as the system says it, write")
    expect(WriteFailure.of("odd").reason).toBe("odd")
  })
})
