/** The one table of requests in flight. */
import { describe, expect, test } from 'vitest'
import { OutgoingRequest, RequestOutcome } from '../../../src/outgoing-request.ts'
import { RequestCorrelation } from '../../../src/routing/request-correlation.ts'
import { message, Stand, words } from './stand.ts'

const request = (text = 'question') => new OutgoingRequest(message(text))
const peer = () => new Stand('REQ').join('REP').peer

describe('Requests in flight', () => {
  test('are told apart by four bytes that start anywhere', () => {
    const starts = new Set(
      Array.from({ length: 20 }, () => new RequestCorrelation(false).begin(request()).request.id),
    )
    expect(starts.size).toBeGreaterThan(1)
    const requests = new RequestCorrelation(false)
    const [one, other] = [requests.begin(request('a')), requests.begin(request('b'))]
    expect(one.request.id).not.toBe(other.request.id)
    expect(words(one.wire)!.slice(1)).toEqual(['', 'a'])
    expect(words(one.wire)![0]).toHaveLength(4)
  })

  test('have no number when they are strict', () => {
    const requests = new RequestCorrelation(true)
    const asked = request('a')
    const one = requests.begin(asked)
    expect(words(one.wire)).toEqual(['', 'a'])
    expect(requests.answer(message('', 'yes'), undefined)).toEqual(new RequestOutcome(asked, message('yes')))
  })

  test('are measured as they go out', () => {
    const body = new OutgoingRequest(message('12', '345'))
    for (const [strict, bytes, parts] of [
      [false, 9, 4],
      [true, 5, 3],
    ] as const) {
      const requests = new RequestCorrelation(strict)
      expect([requests.bytes(body), requests.parts(body)]).toEqual([bytes, parts])
    }
  })

  test('are answered once, by the peer that has them', () => {
    const requests = new RequestCorrelation(false)
    const [asked, other] = [peer(), peer()]
    const sent = request()
    const one = requests.begin(sent)
    const { wire } = one
    requests.place(wire, asked)
    expect(requests.answer(wire, other)).toBe('late-answer')
    expect(requests.answer(wire, asked)).toEqual(new RequestOutcome(sent, message('question')))
    expect(requests.answer(wire, asked)).toBe('late-answer')
    expect(requests.find(sent)).toBeUndefined()
  })

  test.each([[['x']], [['1234', 'x']], [['123', '', 'x']], [['1234', 'x', '']], [['']]])(
    'are not answered by %j',
    answer => {
      expect(new RequestCorrelation(false).answer(message(...answer), undefined)).toBe('malformed')
    },
  )

  test('are lost with the peer that has them, and not with one that had', () => {
    const requests = new RequestCorrelation(false)
    const [had, has] = [peer(), peer()]
    const one = requests.begin(request())
    requests.place(one.wire, had)
    requests.place(one.wire, has)
    expect([requests.lose(had), requests.takeLoss()]).toEqual([false, undefined])
    expect([requests.lose(has), requests.takeLoss()]).toEqual([
      true,
      new RequestOutcome(one.request, undefined),
    ])
    expect(requests.takeLoss()).toBeUndefined()
  })

  test('are not lost once they were ended', () => {
    const requests = new RequestCorrelation(false)
    const [one, other] = [requests.begin(request()), requests.begin(request())]
    requests.loseAll()
    requests.end(one)
    expect(requests.takeLoss()?.request).toBe(other.request)
    expect(requests.takeLoss()).toBeUndefined()
  })
})
