/** Counted nouns in messages. */

/** `1 gap`, `2 gaps`, `1 index`, `2 indices`. `number` writes the figure. */
export const counted = (
  count: number,
  one: string,
  many = `${one}s`,
  number: (count: number) => string = String
): string => `${number(count)} ${count === 1 ? one : many}`
