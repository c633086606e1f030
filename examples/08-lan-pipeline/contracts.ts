/** What travels. Both sides import it; its text is what they compare before they talk. */
export const CONTRACT = 'squares/1'

export interface Job {
  readonly number: number
}

export interface Result {
  readonly number: number
  readonly square: number
  readonly worker: number
}
