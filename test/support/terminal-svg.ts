/** A screen of text with colour codes as SVG. Pure. */

const CELL = { width: 8.4, height: 18 }
const MARGIN = 16
const FOREGROUND = '#d4d4d4'
const BACKGROUND = '#1e1e1e'
/** By the second digit of SGR 30-37. */
const COLOURS = ['#1e1e1e', '#f14c4c', '#23d18b', '#f5f543', '#3b8eea', '#d670d6', '#29b8db', '#e5e5e5']

interface Style {
  readonly colour?: string | undefined
  readonly bold?: boolean
  readonly dim?: boolean
  readonly inverse?: boolean
}

interface Run {
  readonly text: string
  readonly column: number
  readonly style: Style
}

/** Lines at the end that are empty are left out. */
export function svgOf(screen: string): string {
  const lines = screen.trimEnd().split('\n')
  const columns = Math.max(80, ...lines.map(line => [...line.replace(SGR, '')].length))
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN)
  const height = lines.length * CELL.height + 2 * MARGIN
  let style: Style = {}
  const body = lines.map((line, row) => {
    const runs = runsOf(line, style)
    style = runs.style
    return runs.list.map(run => drawn(run, row)).join('')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${body.filter(line => line !== '').join('\n')}
</svg>
`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
const SGR = /\u001b\[([\d;]*)m/g

function runsOf(line: string, before: Style): { readonly list: Run[]; readonly style: Style } {
  const list: Run[] = []
  let [style, column, start] = [before, 0, 0]
  const add = (text: string) => {
    if (text.trim() !== '' || style.inverse) list.push({ text, column, style })
    column += [...text].length
  }
  for (const match of line.matchAll(SGR)) {
    add(line.slice(start, match.index))
    for (const code of match[1]!.split(';')) style = changed(style, Number(code))
    start = match.index + match[0].length
  }
  add(line.slice(start))
  return { list, style }
}

function changed(style: Style, code: number): Style {
  if (code === 0) return {}
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 7 || code === 27) return { ...style, inverse: code === 7 }
  if (code === 39) return { ...style, colour: undefined }
  if (code >= 30 && code <= 37) return { ...style, colour: COLOURS[code - 30] }
  return style
}

function drawn({ text, column, style }: Run, row: number): string {
  const cells = [...text].length
  const x = MARGIN + column * CELL.width
  const top = MARGIN + row * CELL.height
  const { colour = FOREGROUND, bold, dim, inverse } = style
  const length = (cells * CELL.width).toFixed(1)
  const block = inverse
    ? `<rect x="${x.toFixed(1)}" y="${top}" width="${length}" height="${CELL.height}" fill="${colour}"/>`
    : ''
  const attributes = [
    `x="${x.toFixed(1)}" y="${top + 13}" textLength="${length}" xml:space="preserve"`,
    `fill="${inverse ? BACKGROUND : colour}"`,
    ...(bold ? ['font-weight="bold"'] : []),
    ...(dim ? ['opacity="0.6"'] : []),
  ]
  return `${block}<text ${attributes.join(' ')}>${escaped(text)}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
