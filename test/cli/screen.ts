/** A person at a terminal: tmux runs a shell, keys are typed, the screen is read. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { directory, program } from './typedmq.ts'

const run = promisify(execFile)

/** Milliseconds until a screen that does not show what it should is an error. */
const PATIENCE = 20_000

export class Screen implements AsyncDisposable {
  readonly #socket: string

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** A shell that knows `typedmq`, with a prompt of `$ `. */
  static async open(shell: 'bash' | 'zsh' = 'bash'): Promise<Screen> {
    const screen = new Screen(join(directory, `tmux-${shell}-${Math.random().toString(36).slice(2)}`))
    const quiet = shell === 'bash' ? ['bash', '--norc', '--noprofile'] : ['zsh', '-f']
    await screen.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '120',
      '-y',
      '30',
      '-e',
      'PS1=$ ',
      ...quiet,
    )
    await screen.type(`typedmq() { "${process.execPath}" "${program}" "$@"; }; clear\n`)
    await screen.until(/^\$ *$/m)
    return screen
  }

  async type(keys: string): Promise<void> {
    for (const part of keys.split(/(\n)/)) {
      if (part === '\n') await this.key('Enter')
      else if (part !== '') await this.#tmux('send-keys', '-l', '--', part)
    }
  }

  /** tmux's name of a key: 'C-c', 'Tab'. */
  async key(name: string): Promise<void> {
    await this.#tmux('send-keys', name)
  }

  /** Resolves with the screen once it matches, or holds the text; tmux tells nobody when it changes. `colours` leaves the escape codes in. */
  async until(pattern: RegExp | string, { colours = false } = {}): Promise<string> {
    let shown = ''
    for (const start = performance.now(); performance.now() - start < PATIENCE; await setTimeout(30)) {
      shown = await this.#tmux('capture-pane', '-p', ...(colours ? ['-e'] : []))
      if (typeof pattern === 'string' ? shown.includes(pattern) : pattern.test(shown)) return shown
    }
    throw new Error(`the screen never showed ${pattern}:\n${shown}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server')
  }

  async #tmux(...args: string[]): Promise<string> {
    return (await run('tmux', ['-S', this.#socket, ...args])).stdout
  }
}
