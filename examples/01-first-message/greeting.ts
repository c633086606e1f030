/** What sender.ts and receiver.ts agree on. */
export interface Greeting {
  readonly from: string
  readonly text: string
}
