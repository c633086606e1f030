/** Text with what is ours in it: colours, and sequences that move the cursor. Whatever else is written is data. */
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]
/** A string is data, and never trusted: it may come from a peer. */
export type Text = string | Styled | Control | readonly Text[]

class Styled {
  readonly style: Style
  readonly text: Text

  constructor(style: Style, text: Text) {
    this.style = style
    this.text = text
  }
}

class Control {
  readonly sequence: string

  constructor(sequence: string) {
    this.sequence = sequence
  }
}

/** All sequences that the program sends to a terminal, colours apart. Without a terminal they are nothing. */
export const CONTROL = {
  /** The alternate screen, no cursor, and no wrapping: a character that is wider than we think moves no line. */
  enter: new Control('\x1b[?1049h\x1b[?25l\x1b[?7l'),
  leave: new Control('\x1b[?7h\x1b[?25h\x1b[?1049l'),
  home: new Control('\x1b[H'),
  endLine: new Control('\x1b[K\r\n'),
  clearBelow: new Control('\x1b[J'),
  /** Back to the start of the line, which becomes empty. */
  restartLine: new Control('\r\x1b[K'),
} as const

export function paint(style: Style, text: Text): Text {
  return new Styled(style, text)
}

/** What a stream shows. */
export interface Look {
  readonly terminal: boolean
  readonly colours: boolean
}

/** Colours are wanted on a terminal, unless NO_COLOR says otherwise (https://no-color.org). */
export function lookOf(
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR, TERM }: NodeJS.ProcessEnv = process.env,
): Look {
  const terminal = isTTY === true
  return { terminal, colours: terminal && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb' }
}

/** The characters to write. Data is made safe for a terminal, and left as it is for a pipe or a file. */
export function render(text: Text, look: Look): string {
  if (typeof text === 'string') return look.terminal ? harmless(text) : text
  if (text instanceof Control) return look.terminal ? text.sequence : ''
  if (!(text instanceof Styled)) return text.map(piece => render(piece, look)).join('')
  const inner = render(text.text, look)
  // Left to itself, styleText would look at standard output only.
  return look.colours ? styleText(text.style, inner, { validateStream: false }) : inner
}

/**
 * Control characters except newline and tab, and those that reorder or break lines, as \u and four digits. Inside a string of JSON, the only
 * place where JSON can have them, that means the same character.
 */
const HARMFUL = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

function harmless(data: string): string {
  return data.replace(HARMFUL, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
