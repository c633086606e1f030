/** What a process has seen, written down before anything else happens: it is there after SIGKILL too. */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'

/** One line: a word and numbers. */
export interface Entry {
  readonly word: string
  readonly numbers: readonly number[]
}

export class Journal {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  write(word: string, ...numbers: number[]): void {
    writeSync(this.#file, `${word} ${numbers.join(' ')}\n`)
  }
}

/** Empty for a process that was killed before it began. */
export function readJournal(path: string): Entry[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  // The last line may have been cut.
  return lines.slice(0, -1).map(line => {
    const [word, ...numbers] = line.split(' ')
    return { word: word!, numbers: numbers.filter(Boolean).map(Number) }
  })
}
