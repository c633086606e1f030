/** SVG plots without a library: lines over message sizes, and bars of ratios. Both axes that carry figures are logarithmic. */
import { short, sizeInWords } from './table.ts'

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [size: number, value: number])[]
}

const WIDTH = 760
const LINES_HEIGHT = 420
const MARGIN = { left: 64, right: 120, top: 44, bottom: 44 }
const BAR = { height: 14, between: 8, legend: 18, left: 210, right: 60 }
const COLOURS: Record<string, string> = {
  typedmq: '#8250df',
  'typedmq-try': '#d29bff',
  'typedmq-libzmq': '#e0823d',
  zeromq: '#0969da',
  'libzmq-c': '#1a7f37',
  nats: '#6e7781',
  raw: '#b5bac0',
}

/** Messages a second over message size. */
export function linePlot(title: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points)
  const sizes = [...new Set(all.map(([size]) => size))].sort((a, b) => a - b)
  const values = all.map(([, value]) => value)
  const decades = range(
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  )
  const x = scale([sizes[0]!, sizes.at(-1)!], [MARGIN.left, WIDTH - MARGIN.right])
  const y = scale([10 ** decades[0]!, 10 ** decades.at(-1)!], [LINES_HEIGHT - MARGIN.bottom, MARGIN.top])
  const grid = [
    ...decades.map(decade => {
      const at = y(10 ** decade)
      return (
        rule(MARGIN.left, at, WIDTH - MARGIN.right, at) +
        text(MARGIN.left - 8, at + 4, short(10 ** decade), 'end')
      )
    }),
    ...sizes.map(size => text(x(size), LINES_HEIGHT - MARGIN.bottom + 20, sizeInWords(size), 'middle')),
  ]
  // Labels at the ends of lines that lie close together are pushed apart.
  let lowest = Number.NEGATIVE_INFINITY
  const lines = series
    .toSorted((a, b) => y(a.points.at(-1)![1]) - y(b.points.at(-1)![1]))
    .map(({ name, points }) => {
      const colour = COLOURS[name] ?? '#000'
      const path = points.map(([size, value]) => `${fixed(x(size))},${fixed(y(value))}`).join(' ')
      const [size, value] = points.at(-1)!
      lowest = Math.max(lowest + 15, y(value) + 4)
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${name === 'typedmq' ? 3 : 1.8}"/>`,
        ...points.map(
          ([size, value]) =>
            `<circle cx="${fixed(x(size))}" cy="${fixed(y(value))}" r="3" fill="${colour}"/>`,
        ),
        text(x(size) + 8, lowest, name, 'start', colour),
      ].join('')
    })
  return svg(LINES_HEIGHT, title, [...grid, ...lines])
}

export interface BarGroup {
  readonly label: string
  readonly bars: readonly { readonly system: string; readonly ratio: number }[]
}

/** How many times the baseline each is; the line at 1 is the baseline. */
export function barPlot(title: string, groups: readonly BarGroup[]): string {
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio))
  const x = scale([Math.min(0.5, ...ratios), Math.max(2, ...ratios)], [BAR.left, WIDTH - BAR.right])
  const drawn: string[] = []
  let top = MARGIN.top + BAR.legend
  for (const { label, bars } of groups) {
    drawn.push(text(BAR.left - 10, top + (bars.length * BAR.height) / 2 + 4, label, 'end'))
    for (const { system, ratio } of bars) {
      const width = Math.max(1, Math.abs(x(ratio) - x(1)))
      drawn.push(
        `<rect x="${fixed(Math.min(x(1), x(ratio)))}" y="${top}" width="${fixed(width)}" height="${BAR.height - 2}" rx="2" fill="${COLOURS[system]}"/>`,
        text(Math.max(x(ratio), x(1)) + 6, top + 10, `${short(ratio)}x`, 'start'),
      )
      top += BAR.height
    }
    top += BAR.between
  }
  const systems = [...new Set(groups.flatMap(({ bars }) => bars.map(({ system }) => system)))]
  const legend = systems.map((system, index) =>
    text(BAR.left + index * 90, MARGIN.top + 6, system, 'start', COLOURS[system]),
  )
  return svg(top + 8, title, [
    ...legend,
    ...drawn,
    rule(x(1), MARGIN.top + BAR.legend - 6, x(1), top, COLOURS['zeromq']),
  ])
}

/** Logarithmic. */
function scale([low, high]: readonly [number, number], [from, to]: readonly [number, number]) {
  const span = Math.log(high) - Math.log(low) || 1
  return (value: number) => from + ((Math.log(value) - Math.log(low)) / span) * (to - from)
}

function svg(height: number, title: string, parts: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12"><title>${title}</title>`
  // A ground of its own: the page may be dark.
  const ground = `<rect width="${WIDTH}" height="${height}" rx="8" fill="#fff"/>`
  const heading = `<text x="20" y="26" font-size="15" font-weight="600" fill="#1f2328">${title}</text>`
  return `${[open, ground, heading, ...parts, '</svg>'].join('\n')}\n`
}

function text(x: number, y: number, content: string, anchor: string, colour = '#57606a'): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" fill="${colour}">${content}</text>`
}

function rule(x1: number, y1: number, x2: number, y2: number, colour = '#d8dee4'): string {
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${colour}"/>`
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function fixed(value: number): string {
  return value.toFixed(1)
}
