import { describe, expect, test } from 'vitest'
import { OptionError } from '../../../../src/errors.ts'
import { decodeZ85, encodeZ85 } from '../../../../src/security/curve/z85.ts'
import { fc } from '../../../support/property.ts'

describe('Z85', () => {
  test('agrees with the test case of RFC 32', () => {
    const bytes = Buffer.from('864fd26fb559f75b', 'hex')
    expect(encodeZ85(bytes)).toBe('HelloWorld')
    expect(decodeZ85('HelloWorld')).toEqual(bytes)
  })

  test('agrees with the server key that libzmq documents', () => {
    const bytes = Buffer.from('54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652', 'hex')
    expect(encodeZ85(bytes)).toBe('rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7')
    expect(decodeZ85('rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7')).toEqual(bytes)
  })

  test('gives back every multiple of four bytes', () => {
    const fours = fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 20 })
    fc.assert(
      fc.property(fours, groups => {
        const bytes = Buffer.concat(groups)
        expect(decodeZ85(encodeZ85(bytes))).toEqual(bytes)
      }),
    )
  })

  test('refuses lengths, characters and values that are not Z85, without quoting the text', () => {
    for (const text of ['sécrt', 'sec"t', 'sec', '#####', '%nSc1', 'sec t', 'secre#####']) {
      expect(() => decodeZ85(text)).toThrow(OptionError)
      expect(() => decodeZ85(text)).not.toThrow(text)
    }
    expect(decodeZ85('%nSc0')).toEqual(Buffer.from('ffffffff', 'hex'))
    expect(() => encodeZ85(Buffer.alloc(3))).toThrow('multiple of 4 bytes, not 3')
  })
})
