/** Who owns the file of a Unix socket: claims a path for a listening socket, and gives it up again. */
import type { BigIntStats } from 'node:fs'
import { dirname, join } from 'node:path'
import { crypto } from '../builtin.ts'
import { MAX_IPC_PATH } from '../endpoint.ts'
import { AddressError } from '../errors.ts'
import { fs, net } from './builtin.ts'

/** A file, whatever its name. While a socket is bound to it the system does not give its inode to another. */
export interface FileIdentity {
  readonly dev: bigint
  readonly ino: bigint
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'

/** A random name in the same directory that is no longer than a socket path may be. */
export function temporaryPath(path: string): string {
  const directory = dirname(path)
  const room = MAX_IPC_PATH - Buffer.byteLength(join(directory, 'x')) + 1
  let name = ''
  for (let i = Math.min(room, 16); i > 0; i--) name += LETTERS[crypto().randomInt(LETTERS.length)]
  return join(directory, name)
}

/** Makes sure that nothing is at `path`: deletes a stale socket file; throws for a live one, and for what is no socket. */
export async function vacate(endpoint: string, path: string): Promise<void> {
  for (let found = identify(path); found !== undefined; found = identify(path)) {
    if (!found.isSocket()) {
      throw new AddressError(
        endpoint,
        `"${path}" exists and is not a socket; remove it or choose another path`,
      )
    }
    const held = hold(path)
    if (held === undefined) continue
    try {
      const answer = await probe(held)
      if (answer === 'ENOENT') continue
      // Also a listener whose backlog is full, or that we may not connect to, is alive.
      if (answer !== 'ECONNREFUSED') {
        throw new AddressError(endpoint, `"${endpoint}" is in use by another socket`, 'ADDRESS_IN_USE')
      }
      removeStale(path, held === path ? found : identify(held)!)
    } finally {
      if (held !== path) fs().unlinkSync(held)
    }
  }
}

/** Deletes the file if it is still ours: somebody may have replaced it. One that cannot be deleted is stale, as after a crash. */
export function release(path: string, identity: FileIdentity): void {
  try {
    const found = identify(path)
    if (found !== undefined && same(found, identity)) fs().unlinkSync(path)
  } catch {}
}

/** False when there is something at `to`: a link, unlike a rename, never replaces it, so that of several claims at once one wins. */
export function moveIfFree(from: string, to: string): boolean {
  try {
    fs().linkSync(from, to)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!NO_LINKS.has(codeOf(error))) throw error
    if (identify(to) !== undefined) return false
    fs().renameSync(from, to)
    return true
  }
  fs().unlinkSync(from)
  return true
}

/**
 * A second name for the file at `path`, which keeps the system from giving its inode to a new file while we look at it.
 * Undefined: try again. The path itself where there are no links.
 */
function hold(path: string): string | undefined {
  const held = temporaryPath(path)
  try {
    fs().linkSync(path, held)
    return held
  } catch (error) {
    if (NO_LINKS.has(codeOf(error))) return path
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A file system without hard links, or somebody else's file under Linux's `protected_hardlinks`. */
const NO_LINKS = new Set<string | undefined>(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

/**
 * Since the probe another socket may have claimed the path, and nothing deletes a file only if it is a certain one:
 * it is moved aside, looked at, and moved back if it is not the stale one.
 */
function removeStale(path: string, stale: BigIntStats): void {
  const now = identify(path)
  if (now === undefined || !unchanged(now, stale)) return
  const aside = temporaryPath(path)
  try {
    fs().renameSync(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if (unchanged(identify(aside)!, stale) || !moveIfFree(aside, path)) fs().unlinkSync(aside)
}

/** Connects for a moment. Answers 'answered' or the system's error code. */
function probe(path: string): Promise<string> {
  return new Promise(resolve => {
    const socket = net().connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve('answered')
    })
    socket.once('error', error => resolve(codeOf(error) ?? 'unknown'))
  })
}

/** Of the name itself, not of what a symbolic link points to. */
export function identify(path: string): BigIntStats | undefined {
  return fs().lstatSync(path, { bigint: true, throwIfNoEntry: false })
}

function same(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

/** Where no second name could be held, the inode of a file that has gone may belong to a new one; that one is younger. */
function unchanged(a: BigIntStats, b: BigIntStats): boolean {
  return same(a, b) && a.mtimeNs === b.mtimeNs
}
