/** Colours, where they are wanted: on a terminal, unless NO_COLOR says otherwise (https://no-color.org). */
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

export function paintFor(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): Paint {
  const { NO_COLOR, TERM } = environment
  const coloured = stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
  // Left to itself, styleText would look at standard output only.
  return coloured ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}
