import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type Authenticate, type AuthenticationRequest, ask } from '../../../src/security/authenticate.ts'

function request(signal = new AbortController().signal): AuthenticationRequest {
  return {
    mechanism: 'CURVE',
    address: 'tcp://10.0.0.7:1',
    socketType: 'DEALER',
    metadata: new Map(),
    signal,
  }
}

/** The verdict on an answer given at once, and on the same given later. */
async function verdicts(answer: unknown): Promise<unknown[]> {
  return [
    ask((() => answer) as Authenticate, request()),
    await ask((async () => answer) as Authenticate, request()),
  ]
}

describe('an answer of authenticate', () => {
  test('accepts only when it clearly says so', async () => {
    expect(await verdicts(true)).toEqual([{ status: 200 }, { status: 200 }])
    expect(await verdicts({ accept: true })).toEqual([{ status: 200 }, { status: 200 }])
    const named = { status: 200, userId: 'alice' }
    expect(await verdicts({ accept: true, userId: 'alice' })).toEqual([named, named])
  })

  test('refuses for good, or for now', async () => {
    const refused = { status: 400, reason: 'refused' }
    expect(await verdicts(false)).toEqual([refused, refused])
    const unknown = { status: 400, reason: 'unknown key' }
    expect(await verdicts({ accept: false, reason: 'unknown key' })).toEqual([unknown, unknown])
    const busy = { status: 300, reason: 'refused' }
    expect(await verdicts({ accept: false, temporary: true })).toEqual([busy, busy])
  })

  test('that is none is the failure of the server', async () => {
    const wrong = [
      undefined,
      null,
      1,
      'true',
      {},
      [],
      { accept: 'true' },
      { accept: 1 },
      { accept: true, userId: 7 },
      { accept: true, userId: null },
      { ok: true },
    ]
    for (const answer of wrong) {
      const failed = expect.objectContaining({ status: 500 })
      expect(await verdicts(answer)).toEqual([failed, failed])
    }
  })

  test('that throws or rejects is the failure of the server', async () => {
    const failed = { status: 500, reason: 'authenticate threw: no database' }
    const fail = () => {
      throw new Error('no database')
    }
    expect(ask(fail, request())).toEqual(failed)
    expect(await ask(async () => fail(), request())).toEqual(failed)
    const hostile = {
      get accept(): boolean {
        return fail()
      },
    }
    expect(await verdicts(hostile)).toEqual([failed, failed])
  })

  test('that throws what cannot be read refuses too', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const unreadable = Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('not even this')
      },
    })
    for (const thrown of [unreadable, proxy, Object.create(null), Symbol('no'), undefined]) {
      const refused = expect.objectContaining({ status: 500, reason: expect.stringContaining('threw') })
      const fail = () => {
        throw thrown
      }
      expect(ask(fail, request())).toEqual(refused)
      expect(await ask(async () => fail(), request())).toEqual(refused)
    }
  })

  test('that does not come in time is a refusal', async () => {
    const abort = new AbortController()
    const verdict = ask(() => new Promise(() => {}), request(abort.signal))
    abort.abort()
    expect(await verdict).toMatchObject({ status: 500, reason: expect.stringContaining('longer') })
    expect(await ask(() => new Promise(() => {}), request(abort.signal))).toMatchObject({ status: 500 })
  })

  test('may be a promise of another realm', async () => {
    const promise: Promise<boolean> = runInNewContext('Promise.resolve(true)')
    expect(promise).not.toBeInstanceOf(Promise)
    expect(await ask(() => promise, request())).toEqual({ status: 200 })
  })
})

test('without authenticate NULL and CURVE let everybody in, and PLAIN nobody', () => {
  expect(ask(undefined, { ...request(), mechanism: 'NULL' })).toEqual({ status: 200 })
  expect(ask(undefined, request())).toEqual({ status: 200 })
  expect(ask(undefined, { ...request(), mechanism: 'PLAIN' })).toMatchObject({ status: 500 })
})
