/** The figures of a bench, for people and as JSON. */
import { paint, type Text } from '../paint.ts'
import { figure, histogram } from '../screen.ts'
import type { Throughput } from './measure.ts'

export interface Figures {
  readonly endpoint: string
  readonly size: number
  readonly messagesPerSecond: number
  readonly megabytesPerSecond: number
  /** Microseconds. */
  readonly roundTrip: {
    readonly p50: number
    readonly p90: number
    readonly p99: number
    readonly max: number
  }
  readonly roundTrips: number
}

export function figuresOf(
  endpoint: string,
  size: number,
  { messages, elapsed }: Throughput,
  trips: readonly number[],
): Figures {
  const sorted = trips.map(trip => trip * 1000).sort((a, b) => a - b)
  const at = (share: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  const rate = messages / (elapsed / 1000)
  return {
    endpoint,
    size,
    messagesPerSecond: Math.round(rate),
    megabytesPerSecond: rounded((rate * size) / 1e6),
    roundTrip: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    roundTrips: trips.length,
  }
}

export function reportOf(figures: Figures, trips: readonly number[]): Text {
  const { size, messagesPerSecond, megabytesPerSecond, roundTrip } = figures
  const { p50, p90, p99, max } = roundTrip
  const lines = [
    [
      paint('bold', 'throughput'),
      `  ${figure(messagesPerSecond)} messages/s, ${figure(megabytesPerSecond)} MB/s of ${size} bytes each`,
    ],
    [
      paint('bold', 'round trip'),
      `  p50 ${figure(p50)}, p90 ${figure(p90)}, p99 ${figure(p99)}, max ${figure(max)} µs`,
    ],
    '',
    paint('dim', '   from µs  round trips'),
    ...histogram(
      trips.map(trip => trip * 1000),
      12,
      40,
    ),
  ]
  return lines.map(line => [line, '\n'])
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
