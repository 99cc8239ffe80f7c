/** Classes of sessions by their number, each once. Loads nothing. */
import * as SessionClass from "@genesys-replay/domain/SessionClass"

/** See above. */
export class ClassNumbers {
  /** By their number. */
  classes: Array<SessionClass.SessionClass> = []
  private readonly numbers = new Map<string, number>()

  /** The number of a class, which is given to it the first time. */
  of(own: SessionClass.SessionClass): number {
    const key = SessionClass.key(own)
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    const number = this.classes.push(own) - 1
    this.numbers.set(key, number)
    return number
  }
}
