/** How text for a terminal is set: its width, its characters, its inks. */
import * as DisplayText from "../../source/DisplayText.js"

/** What a reader's terminal can show. */
export interface TextOptions {
  /** Columns; 80 by default. No line is longer, from 72 columns on whatever the figures. */
  readonly width?: number | undefined
  /** ANSI colours; none by default. Nothing is said by colour alone. */
  readonly color?: boolean | undefined
  /** Characters beyond ASCII; none by default. */
  readonly unicode?: boolean | undefined
}

/** See {@link TextOptions}. */
export interface TextStyle {
  readonly width: number
  readonly unicode: boolean
  readonly ellipsis: string
  readonly dash: string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

/** The style of `options`. */
export const of = (options: TextOptions): TextStyle => {
  const unicode = options.unicode ?? false
  const ansi = (on: number, off: number) => (text: string) =>
    options.color === true && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    width: options.width ?? 80,
    unicode,
    ellipsis: unicode ? "…" : "...",
    dash: unicode ? "–" : "-",
    good: ansi(32, 39),
    bad: ansi(31, 39),
    strong: ansi(1, 22),
    faint: ansi(2, 22)
  }
}

/** Text from input, so that a terminal shows it and does not obey it. */
export const shown = (text: string, style: TextStyle): string => DisplayText.safe(text, style.unicode)

/** `text` over as many lines as it takes, each in an ink. */
export const paragraph = (text: string, style: TextStyle, paint: (line: string) => string): ReadonlyArray<string> =>
  DisplayText.wrap(text, style.width).map((line) => paint(DisplayText.cut(line, style.width, style.ellipsis)))

/** Lines below a heading, of which there may be `more`. */
export const items = (lines: ReadonlyArray<string>, more: number, style: TextStyle): ReadonlyArray<string> => [
  ...lines.map((line) => DisplayText.cut(`  ${line}`, style.width, style.ellipsis)),
  ...(more > 0 ? [`  and ${more} more`] : [])
]

/** A heading, and its {@link items}. */
export const section = (
  title: string,
  lines: ReadonlyArray<string>,
  more: number,
  style: TextStyle
): ReadonlyArray<string> => ["", style.strong(title), ...items(lines, more, style)]
