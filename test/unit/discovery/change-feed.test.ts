import { describe, expect, it } from 'vitest'
import { ChangeFeed } from '../../../src/discovery/change-feed.ts'
import type { Service } from '../../../src/discovery/discovery.ts'

const service = (instance: string, codec = 'raw'): Service => ({
  name: 'jobs',
  instance,
  endpoints: [],
  codec,
})

async function rest(feed: ChangeFeed): Promise<string[]> {
  const seen: string[] = []
  for await (const { kind, service } of feed) seen.push(`${kind} ${service.instance} ${service.codec}`)
  return seen
}

describe('a feed', () => {
  it('gives changes in their order, to a reader that waits and to one that comes later', async () => {
    const feed = new ChangeFeed(undefined, () => {})
    const first = feed.next()
    feed.up(service('a'))
    feed.up(service('b'))
    expect((await first).value).toMatchObject({ kind: 'up', service: { instance: 'a' } })
    expect((await feed.next()).value).toMatchObject({ kind: 'up', service: { instance: 'b' } })
  })

  it('holds one change per instance, the newest', async () => {
    const feed = new ChangeFeed(undefined, () => {})
    for (let n = 0; n < 1000; n++) feed.up(service('a', `codec ${n}`))
    expect((await feed.next()).value?.service.codec).toBe('codec 999')
  })

  it('says nothing of what came and went unseen', async () => {
    const feed = new ChangeFeed(undefined, () => {})
    feed.up(service('a'))
    feed.down(service('a'))
    feed.up(service('b'))
    expect((await feed.next()).value).toMatchObject({ kind: 'up', service: { instance: 'b' } })
    feed.down(service('b'))
    expect((await feed.next()).value).toMatchObject({ kind: 'down', service: { instance: 'b' } })
  })

  it('ends quietly when aborted, also while somebody waits', async () => {
    const abort = new AbortController()
    let ends = 0
    const feed = new ChangeFeed(abort.signal, () => ends++)
    const seen = rest(feed)
    abort.abort()
    expect(await seen).toEqual([])
    feed.end()
    expect(ends).toBe(1)
  })

  it('is over from the start when the signal was aborted before', async () => {
    const feed = new ChangeFeed(AbortSignal.abort(), () => {})
    feed.up(service('a'))
    expect(await rest(feed)).toEqual([])
  })

  it('is over when a loop is left', async () => {
    let ends = 0
    const feed = new ChangeFeed(undefined, () => ends++)
    feed.up(service('a'))
    for await (const _ of feed) break
    expect(ends).toBe(1)
    expect(feed.ended).toBe(true)
  })
})
