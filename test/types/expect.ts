/** Assertions about types. */

/** True when two types are the same, to the letter. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles when its type argument is true. */
export function expectType<_ extends true>(): void {}
