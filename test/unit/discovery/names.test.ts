import { describe, expect, it } from 'vitest'
import { advertised, checkAddress } from '../../../src/discovery/bound-endpoints.ts'
import { fingerprint } from '../../../src/discovery/fingerprint.ts'
import { isLinkLocal, isLoopback, isUnassignable } from '../../../src/discovery/hosts.ts'
import { checkName } from '../../../src/discovery/service-name.ts'
import { AddressError, OptionError } from '../../../src/errors.ts'

describe('a service name', () => {
  it.each(['jobs', 'a.b c', 'Aufträge', 'x'.repeat(63)])('may be %j', name => {
    expect(checkName(name)).toBe(name)
  })

  it.each([
    ['', '1 to 63 bytes'],
    ['x'.repeat(64), 'has 64 bytes; it must have 1 to 63'],
    ['ü'.repeat(32), 'has 64 bytes'],
    ['a\nb', 'control character'],
    ['a\u0000', 'control character'],
    ['a\u009f', 'control character'],
  ])('may not be %j', (name, reason) => {
    expect(() => checkName(name)).toThrow(OptionError)
    expect(() => checkName(name)).toThrow(reason)
  })
})

describe('the advertised address', () => {
  it('is the bound one unless another is given', () => {
    expect(advertised('tcp://0.0.0.0:5555', undefined)).toBe('tcp://0.0.0.0:5555')
  })

  it('may be a host, which keeps the bound port, or a whole endpoint', () => {
    expect(advertised('tcp://0.0.0.0:5555', checkAddress('203.0.113.9'))).toBe('tcp://203.0.113.9:5555')
    expect(advertised('tcp://0.0.0.0:5555', checkAddress('fd00::9'))).toBe('tcp://[fd00::9]:5555')
    expect(advertised('tcp://0.0.0.0:5555', checkAddress('worker.example'))).toBe('tcp://worker.example:5555')
    expect(advertised('tcp://0.0.0.0:5555', checkAddress('tcp://203.0.113.9:80'))).toBe(
      'tcp://203.0.113.9:80',
    )
    expect(advertised('ipc:///tmp/a', '203.0.113.9')).toBe('ipc:///tmp/a')
  })

  it.each(['', 'a b', 'http://x:1', 'tcp://x:0', 'tcp://*:5'])('may not be %j', address => {
    expect(() => checkAddress(address)).toThrow(AddressError)
  })
})

describe('the fingerprint of a contract', () => {
  it('is the same whatever the order of members, and differs when the data do', () => {
    const one = fingerprint({ type: 'object', properties: { a: 1, b: [1, 2] } })
    expect(fingerprint({ properties: { b: [1, 2], a: 1 }, type: 'object' })).toBe(one)
    expect(fingerprint({ type: 'object', properties: { a: 1, b: [2, 1] } })).not.toBe(one)
    expect(one).toMatch(/^[0-9a-f]{16}$/)
  })

  it('takes a text as it is', () => {
    expect(fingerprint('jobs/1')).not.toBe(fingerprint('jobs/2'))
  })
})

describe('hosts', () => {
  it('are told apart by kind', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '10.0.0.1'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
    expect(['fe80::1', 'febf::1', 'fec0::1', 'fe8.example'].map(isLinkLocal)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(
      ['0.0.0.0', '224.0.0.1', '255.255.255.255', 'ff02::1', '::', '10.0.0.1', 'fd00::1'].map(isUnassignable),
    ).toEqual([true, true, true, true, true, false, false])
  })
})
