/** Who owns the file of a Unix socket: claims a path for a listening socket, and gives it up again. */
import { randomInt } from 'node:crypto'
import { type BigIntStats, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { MAX_IPC_PATH } from '../endpoint.ts'
import { AddressError } from '../errors.ts'

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
  for (let i = Math.min(room, 16); i > 0; i--) name += LETTERS[randomInt(LETTERS.length)]
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
    const answer = await probe(path)
    if (answer === 'ENOENT') continue
    // Also a listener whose backlog is full, or that we may not connect to, is alive.
    if (answer !== 'ECONNREFUSED') {
      throw new AddressError(endpoint, `"${endpoint}" is in use by another socket`, 'ADDRESS_IN_USE')
    }
    removeStale(path, found)
  }
}

/** Deletes the file if it is still ours: somebody may have replaced it. One that cannot be deleted is stale, as after a crash. */
export function release(path: string, identity: FileIdentity): void {
  try {
    const found = identify(path)
    if (found !== undefined && same(found, identity)) unlinkSync(path)
  } catch {}
}

/** False when there is something at `to`: a link, unlike a rename, never replaces it, so that of several claims at once one wins. */
export function moveIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC') throw error
    // A file system without hard links.
    if (identify(to) !== undefined) return false
    renameSync(from, to)
    return true
  }
  unlinkSync(from)
  return true
}

/**
 * Since the probe another socket may have claimed the path, and nothing deletes a file only if it is a certain one:
 * it is moved aside, looked at, and moved back if it is not the stale one.
 */
function removeStale(path: string, stale: FileIdentity): void {
  const now = identify(path)
  if (now === undefined || !same(now, stale)) return
  const aside = temporaryPath(path)
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (same(identify(aside)!, stale) || !moveIfFree(aside, path)) unlinkSync(aside)
}

/** Connects for a moment. Answers 'answered' or the system's error code. */
function probe(path: string): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve('answered')
    })
    socket.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'unknown'))
  })
}

/** Of the name itself, not of what a symbolic link points to. */
export function identify(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}

function same(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino
}
