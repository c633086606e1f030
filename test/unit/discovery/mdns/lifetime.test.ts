/** Responder and browser together: how long one is believed to be there. */
import type { RemoteInfo } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChangeFeed } from '../../../../src/discovery/change-feed.ts'
import { Announced } from '../../../../src/discovery/mdns/announced.ts'
import { Browser } from '../../../../src/discovery/mdns/browser.ts'
import { Responder } from '../../../../src/discovery/mdns/responder.ts'
import { FakeLink } from './fake-link.ts'

const FROM = { address: '10.0.0.7', family: 'IPv4', port: 5353, size: 0 } as RemoteInfo
const STEP = 50

describe.each([1_000, 10_000])('with a period of %i ms', period => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Lets a peer live for two periods and `rest`. Answers how long it is believed in after that. */
  async function believed(rest: number, arrives: (nth: number) => boolean = () => true): Promise<number> {
    const [there, here] = [new FakeLink(), new FakeLink()]
    const responder = new Responder(there.multicast, period)
    const browser = new Browser(here.multicast)
    const feed: ChangeFeed = new ChangeFeed(undefined, () => browser.unwatch(feed))
    const known = new Set<string>()
    browser.watch(feed, 'jobs')
    void (async () => {
      for await (const { kind, service } of feed) {
        if (kind === 'up') known.add(service.instance)
        else known.delete(service.instance)
      }
    })()
    await responder.add(new Announced({ name: 'jobs', instance: 'one', endpoints: [] }, 'tcp://0.0.0.0:1'))
    let sent = 0
    for (let time = 0; time < period * 2 + rest; time += STEP) {
      for (const message of there.take()) if (arrives(sent++)) browser.received(message, FROM)
      await vi.advanceTimersByTimeAsync(STEP)
      expect(known.size).toBe(1)
    }
    let silence = 0
    for (; known.size > 0; silence += STEP) await vi.advanceTimersByTimeAsync(STEP)
    feed.end()
    await responder.close()
    return silence
  }

  it('a peer that dies at any moment is forgotten within three', async () => {
    for (let rest = 0; rest <= period; rest += period / 20) {
      expect(await believed(rest)).toBeLessThanOrEqual(period * 3)
    }
  })

  it('a peer is not forgotten when an announcement is lost', async () => {
    // The first two are a second apart.
    await believed(period, nth => nth !== 2)
  })
})
