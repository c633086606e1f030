/** Records terminal sessions of the command line and of the demo as SVG. `npx tsx test/support/record-terminal.ts`, after a build; needs tmux. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { svgOf } from './terminal-svg.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Milliseconds. */
const PATIENCE = 120_000

interface Recording {
  readonly file: string
  readonly rows: number
  /** What is typed, and what the screen shows when that is done. Typed after `\x02`, a key by tmux's name. */
  readonly steps: readonly (readonly [keys: string, until: RegExp])[]
}

const RECORDINGS: readonly Recording[] = [
  {
    file: 'examples/terminal.svg',
    rows: 46,
    steps: [
      [
        'typedmq pull --bind ipc:///tmp/jobs --format msgpack --stats tcp://127.0.0.1:7770 > /tmp/jobs.out 2>&1 &',
        /\[1\] \d+\n\$ $/,
      ],
      [
        `printf '{"id": 1}\\n{oops\\n' | typedmq push --connect ipc:///tmp/jobs --format msgpack; echo "exit code $?"`,
        /exit code \d/,
      ],
      ['tail -1 /tmp/jobs.out', /\n\{"id":1\}\n\$ $/],
      [
        'typedmq push --connect ipc:///tmp/jobs --data 1 --interval 1ms --format msgpack --routing-id feeder &',
        /\[2\] \d+\n\$ $/,
      ],
      ['typedmq top --connect tcp://127.0.0.1:7770 --once', /WAIT p99[\s\S]*feeder[\s\S]*\n\$ $/],
      ['typedmq bench --size 1024', /round trip {2}p50[\s\S]*\n\$ $/],
    ],
  },
  {
    file: 'examples/demo/demo.svg',
    rows: 18,
    steps: [['npm run -s demo', /the same in one process[\s\S]*\n\$ $/]],
  },
]

const directory = mkdtempSync(join(tmpdir(), 'typedmq-'))
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-S', join(directory, 'tmux'), ...args], { cwd: ROOT, encoding: 'utf8' })
try {
  for (const recording of RECORDINGS) await record(recording)
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function record({ file, rows, steps }: Recording): Promise<void> {
  const shell = ['bash', '--norc', '--noprofile', '+m']
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '116', '-y', String(rows), '-e', 'PS1=$ ', ...shell)
  try {
    await typed(`typedmq() { "${process.execPath}" dist/cli.js "$@"; }; set -m; clear`, /^\$ $/)
    for (const [keys, until] of steps) await typed(keys, until)
    writeFileSync(join(ROOT, file), svgOf(anonymous(tmux('capture-pane', '-p', '-e'))))
  } finally {
    tmux('kill-server')
  }
}

async function typed(keys: string, until: RegExp): Promise<void> {
  tmux('send-keys', '-l', '--', keys)
  tmux('send-keys', 'Enter')
  for (const start = performance.now(); performance.now() - start < PATIENCE; await setTimeout(50)) {
    if (
      until.test(
        tmux('capture-pane', '-p')
          .replace(/ *$/gm, line => (line === '' ? '' : ' '))
          .trimEnd()
          .concat(' '),
      )
    )
      return
  }
  throw new Error(`the screen never showed ${until}:\n${tmux('capture-pane', '-p')}`)
}

/** A picture for everybody shows nothing of the machine it was made on. */
function anonymous(screen: string): string {
  return screen.replaceAll(ROOT, '~/typedmq/').replaceAll(hostname(), 'localhost'.slice(0, hostname().length))
}
