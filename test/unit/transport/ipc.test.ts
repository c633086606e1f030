/** What is particular to ipc: who owns the file at the path. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AddressError, UnsupportedError } from '../../../src/errors.ts'
import { ipc } from '../../../src/transport/ipc.ts'
import type { Listener } from '../../../src/transport/transport.ts'
import {
  connected,
  disposable,
  handles,
  handlesReturnTo,
  never,
  options,
  record,
  temporaryDirectory,
  turns,
} from './streams.ts'

const transport = ipc(options)
const abstractNames = process.platform === 'linux' && Number.parseInt(process.versions.node, 10) >= 22

let before = 0
beforeAll(async () => {
  await turns()
  before = handles()
})
afterAll(() => handlesReturnTo(before))

/** A socket file that nobody answers on, as a killed process leaves it. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer().listen(`${path}~`)
  await once(server, 'listening')
  linkSync(`${path}~`, path)
  server.close()
  await once(server, 'close')
  expect(lstatSync(path).isSocket()).toBe(true)
}

async function plainServer(path: string): Promise<Server> {
  const server = createServer(socket => socket.destroy()).listen(path)
  await once(server, 'listening')
  return server
}

describe('the file at the path', () => {
  test('is there, answers, and alone while the listener is open, and gone after', async () => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'a.sock')
    {
      await using pair = await connected(transport, `ipc://${path}`)
      expect(pair.listener.endpoint).toBe(`ipc://${path}`)
      expect(pair.dialled.connection.remote).toBe(`ipc://${path}`)
      expect(readdirSync(directory.path)).toEqual(['a.sock'])
    }
    expect(readdirSync(directory.path)).toEqual([])
  })

  test('is replaced when it is stale', async () => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'stale.sock')
    await leaveStale(path)
    await using pair = await connected(transport, `ipc://${path}`)
    pair.dialled.connection.write([Buffer.from('x')])
    await pair.accepted.seen.received(1)
    expect(readdirSync(directory.path)).toEqual(['stale.sock'])
  })

  test('is left alone when somebody answers: ADDRESS_IN_USE', async () => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'live.sock')
    const server = await plainServer(path)
    const { ino } = lstatSync(path)
    const error = await transport.listen(`ipc://${path}`, () => {}).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error).toMatchObject({ code: 'ADDRESS_IN_USE', endpoint: `ipc://${path}` })
    expect(lstatSync(path).ino).toBe(ino)
    expect(readdirSync(directory.path)).toEqual(['live.sock'])
    server.close()
  })

  test('is refused, never deleted, when it is not a socket', async () => {
    using directory = temporaryDirectory()
    const file = join(directory.path, 'file')
    writeFileSync(file, 'precious')
    mkdirSync(join(directory.path, 'folder'))
    symlinkSync(file, join(directory.path, 'link'))
    for (const name of ['file', 'folder', 'link']) {
      const path = join(directory.path, name)
      const error = await transport.listen(`ipc://${path}`, () => {}).catch(reason => reason)
      expect(error).toBeInstanceOf(AddressError)
      expect(error.message).toBe(`"${path}" exists and is not a socket; remove it or choose another path`)
    }
    expect(readFileSync(file, 'utf8')).toBe('precious')
    expect(readdirSync(directory.path).sort()).toEqual(['file', 'folder', 'link'])
  })

  test('is not deleted on close when another has taken the path', async () => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'taken.sock')
    const listener = await transport.listen(`ipc://${path}`, () => {})
    renameSync(path, `${path}.moved`)
    await using other = disposable(await transport.listen(`ipc://${path}`, connection => connection.end()))
    await listener.close()
    const { connection, seen } = record(await transport.dial(other.endpoint, never))
    await seen.has('ended')
    connection.end()
    await seen.has('closed')
  })

  test('is not deleted by a second close', async () => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'twice.sock')
    const listener = await transport.listen(`ipc://${path}`, () => {})
    await listener.close()
    await using again = disposable(await transport.listen(`ipc://${path}`, () => {}))
    await listener.close()
    expect(existsSync(path)).toBe(true)
    expect(again.endpoint).toBe(`ipc://${path}`)
  })

  test('close also works when the directory has gone', async () => {
    const directory = temporaryDirectory()
    const listener = await transport.listen(`ipc://${join(directory.path, 'x')}`, () => {})
    directory[Symbol.dispose]()
    await listener.close()
  })
})

describe('several binders of one path', () => {
  test.each([false, true])(
    'of ten at once one wins and the others are told (stale file: %s)',
    async stale => {
      using directory = temporaryDirectory()
      const path = join(directory.path, 'race.sock')
      if (stale) await leaveStale(path)
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () =>
          transport.listen(`ipc://${path}`, connection => connection.destroy()),
        ),
      )
      const winners = results.filter(
        (result): result is PromiseFulfilledResult<Listener> => result.status === 'fulfilled',
      )
      expect(winners.length).toBe(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ADDRESS_IN_USE' })
      }
      expect(readdirSync(directory.path)).toEqual(['race.sock'])
      await winners[0]!.value.close()
      expect(readdirSync(directory.path)).toEqual([])
    },
  )

  test('of three processes at once one wins, round after round', async () => {
    using directory = temporaryDirectory()
    const binder = fileURLToPath(new URL('ipc-binder.ts', import.meta.url))
    const children = [1, 2, 3].map(() => fork(binder, { execArgv: ['--import', 'tsx'] }))
    const answer = (child: (typeof children)[number]) =>
      once(child, 'message').then(([message]) => message as string)
    await Promise.all(children.map(answer))
    for (let round = 0; round < 20; round++) {
      const path = join(directory.path, `${round}.sock`)
      if (round % 2 === 1) await leaveStale(path)
      const answers = Promise.all(children.map(answer))
      for (const child of children) child.send(`ipc://${path}`)
      expect((await answers).sort()).toEqual(['ADDRESS_IN_USE', 'ADDRESS_IN_USE', 'bound'])
      expect(readdirSync(directory.path)).toEqual([`${round}.sock`])
      const closed = Promise.all(children.map(answer))
      for (const child of children) child.send('close')
      await closed
      expect(readdirSync(directory.path)).toEqual([])
    }
    await Promise.all(
      children.map(child => {
        child.disconnect()
        return once(child, 'exit')
      }),
    )
  })
})

describe('paths', () => {
  test.each([1, 2, 40])('of 107 bytes work, with a name of %i bytes', async nameLength => {
    using directory = temporaryDirectory()
    const folder = join(directory.path, 'd'.repeat(107 - nameLength - directory.path.length - 2))
    mkdirSync(folder)
    const path = join(folder, 'n'.repeat(nameLength))
    expect(Buffer.byteLength(path)).toBe(107)
    await using pair = await connected(transport, `ipc://${path}`)
    pair.dialled.connection.write([Buffer.from('x')])
    await pair.accepted.seen.received(1)
    expect(readdirSync(folder)).toEqual(['n'.repeat(nameLength)])
  })

  test('of 108 bytes are refused before anything happens', async () => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'n'.repeat(107 - directory.path.length))
    expect(() => transport.check(`ipc://${path}`)).toThrow(/108 bytes/)
    await expect(transport.listen(`ipc://${path}`, () => {})).rejects.toThrow(AddressError)
    await expect(transport.dial(`ipc://${path}`, never)).rejects.toThrow(AddressError)
    expect(readdirSync(directory.path)).toEqual([])
  })

  test('are counted in bytes, not in letters', async () => {
    using directory = temporaryDirectory()
    await using pair = await connected(transport, `ipc://${join(directory.path, 'größe-π')}`)
    expect(readdirSync(directory.path)).toEqual(['größe-π'])
    expect(pair.listener.endpoint).toContain('größe-π')
    expect(() => transport.check(`ipc:///${'ü'.repeat(60)}`)).toThrow(/121 bytes/)
  })

  test('in a directory that does not exist cannot be bound', async () => {
    using directory = temporaryDirectory()
    const endpoint = `ipc://${directory.path}/none/a.sock`
    const error = await transport.listen(endpoint, () => {}).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error).toMatchObject({ code: 'ADDRESS', endpoint, cause: { code: 'ENOENT' } })
    expect(error.message).toContain('directory does not exist')
  })

  // /proc refuses new files to everybody, the superuser included.
  test.skipIf(process.platform !== 'linux')(
    'in a directory that takes no files cannot be bound (Linux only)',
    async () => {
      const error = await transport.listen('ipc:///proc/a.sock', () => {}).catch(reason => reason)
      expect(error).toBeInstanceOf(AddressError)
      expect(error.message).toContain('ipc:///proc/a.sock')
      expect(error.cause).toBeInstanceOf(Error)
    },
  )

  test('* is a fresh one each time, and cannot be dialled', async () => {
    await using one = disposable(await transport.listen('ipc://*', () => {}))
    await using two = disposable(await transport.listen('ipc://*', () => {}))
    expect(one.endpoint).toMatch(/^ipc:\/\/\/./)
    expect(two.endpoint).not.toBe(one.endpoint)
    expect(() => transport.check('ipc://*')).toThrow(AddressError)
  })

  test('that nobody bound fail with the error of the system', async () => {
    using directory = temporaryDirectory()
    await expect(transport.dial(`ipc://${directory.path}/none`, never)).rejects.toMatchObject({
      code: 'ENOENT',
    })
    await leaveStale(join(directory.path, 'stale'))
    await expect(transport.dial(`ipc://${directory.path}/stale`, never)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})

test('an abort stops a dial with the reason of the signal', async () => {
  await using listener = disposable(await transport.listen('ipc://*', connection => connection.end()))
  const reason = new Error('changed my mind')
  await expect(transport.dial(listener.endpoint, AbortSignal.abort(reason))).rejects.toBe(reason)
})

if (abstractNames) {
  test('an abstract name carries bytes, leaves no file and can be bound once', async () => {
    const name = `typedmq-test-${process.pid}`
    await using pair = await connected(transport, `ipc://@${name}`)
    pair.dialled.connection.write([Buffer.from('x')])
    await pair.accepted.seen.received(1)
    expect(existsSync(name)).toBe(false)
    await expect(transport.listen(`ipc://@${name}`, () => {})).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    })
  })
} else {
  test('an abstract name is refused, saying what would be needed', async () => {
    expect(() => transport.check('ipc://@name')).toThrow(UnsupportedError)
    await expect(transport.listen('ipc://@name', () => {})).rejects.toThrow(
      /"ipc:\/\/@name".*(Node 22|Linux)/,
    )
    await expect(transport.dial('ipc://@name', never)).rejects.toThrow(UnsupportedError)
  })
}
