import { describe, expect, it } from 'vitest'
import { differences } from '../../../src/discovery/compatibility.ts'
import type { Service } from '../../../src/discovery/discovery.ts'
import type { SocketDescription } from '../../../src/index.ts'

const PUSH: SocketDescription = {
  type: 'PUSH',
  endpoints: [],
  codec: 'msgpack',
  mechanism: 'NULL',
  publicKey: undefined,
}
const PULL: Service = {
  name: 'jobs',
  instance: 'i',
  endpoints: ['tcp://10.0.0.7:1'],
  socketType: 'PULL',
  protocol: '3.1',
  mechanism: 'NULL',
  codec: 'msgpack',
  contract: 'aaaa',
}

describe('two that want to talk', () => {
  it('can when all that both say is the same', () => {
    expect(differences(PUSH, 'aaaa', PULL)).toEqual([])
  })

  it('can when one of them does not say', () => {
    expect(differences(PUSH, undefined, PULL)).toEqual([])
    expect(differences(PUSH, 'aaaa', { name: 'jobs', instance: 'i', endpoints: [] })).toEqual([])
  })

  it('cannot when their socket types do not fit, and learn which would', () => {
    const pull = { ...PUSH, type: 'DEALER' as const }
    expect(differences(pull, 'aaaa', PULL)).toEqual([
      { property: 'socketType', ours: 'REP or DEALER or ROUTER', theirs: 'PULL' },
    ])
  })

  it('can across minor versions of ZMTP, not across major ones', () => {
    expect(differences(PUSH, 'aaaa', { ...PULL, protocol: '3.0' })).toEqual([])
    expect(differences(PUSH, 'aaaa', { ...PULL, protocol: '4.0' })).toMatchObject([
      { property: 'protocol', theirs: '4' },
    ])
  })

  it('learn of each difference', () => {
    const other: Service = { ...PULL, mechanism: 'PLAIN', codec: 'json', contract: 'bbbb' }
    expect(differences(PUSH, 'aaaa', other)).toEqual([
      { property: 'mechanism', ours: 'NULL', theirs: 'PLAIN' },
      { property: 'codec', ours: 'msgpack', theirs: 'json' },
      { property: 'contract', ours: 'aaaa', theirs: 'bbbb' },
    ])
  })
})
