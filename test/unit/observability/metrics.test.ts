/** Prometheus metrics, as a scrape shows them. */
import * as client from 'prom-client'
import { Publisher, Pull, Push } from 'typedmq'
import { Metrics } from 'typedmq/observability'
import { describe, expect, test } from 'vitest'

const ANY = 'tcp://127.0.0.1:0'

describe('Metrics', () => {
  test('count what sockets sent, received and dropped, under the names they were given', async () => {
    const registry = new client.Registry()
    using metrics = new Metrics(client, { registry })
    await using pull = new Pull<string>()
    await using push = new Push<string>()
    metrics.add('jobs', push)
    metrics.add('work', pull)
    push.connect(await pull.bind(ANY))
    await push.send('one')
    await push.send('two')
    await pull.receive()
    await pull.receive()
    const scrape = await registry.metrics()
    expect(scrape).toContain('typedmq_messages_total{socket="jobs",type="PUSH",direction="sent"} 2')
    expect(scrape).toContain('typedmq_messages_total{socket="work",type="PULL",direction="received"} 2')
    expect(scrape).toContain('typedmq_bytes_total{socket="jobs",type="PUSH",direction="sent"} 8')
    expect(scrape).toContain('typedmq_peers{socket="jobs",type="PUSH",state="ready"} 1')
    expect(scrape).toContain('typedmq_mark_messages{socket="work",type="PULL",direction="receive"} 1000')
    expect(scrape).toMatch(
      /typedmq_wait_seconds\{socket="jobs",type="PUSH",direction="send",quantile="0.99"\} [\d.e-]+/,
    )
    expect(await registry.metrics(), 'a second scrape does not count twice').toContain(
      'typedmq_messages_total{socket="jobs",type="PUSH",direction="sent"} 2',
    )
  })

  test('name the cause of drops', async () => {
    const registry = new client.Registry()
    using metrics = new Metrics(client, { registry, prefix: 'my_' })
    await using push = new Push<string>({ linger: 0 })
    metrics.add('jobs', push)
    push.connect('ipc:///nowhere/at/all')
    await push.send('lost')
    expect(await registry.metrics()).toContain(
      'my_queued_messages{socket="jobs",type="PUSH",direction="send"} 1',
    )
    let dropped = ''
    push.events.on('message:dropped', () => {
      dropped = push.stats().dropped.linger === 1 ? 'linger' : 'something else'
    })
    await push.close({ linger: 0 })
    expect(dropped).toBe('linger')
  })

  test('have bounded labels: sockets of one name are summed up, and names beyond the limit are one', async () => {
    const registry = new client.Registry()
    using metrics = new Metrics(client, { registry, maxNames: 2 })
    const sockets = ['a', 'b', 'a', 'c', 'd'].map(name => ({ name, socket: new Publisher() }))
    for (const { name, socket } of sockets) metrics.add(name, socket)
    const scrape = await registry.metrics()
    expect(new Set(scrape.match(/socket="[^"]*"/g))).toEqual(
      new Set(['socket="a"', 'socket="b"', 'socket="other"']),
    )
    await Promise.all(sockets.map(({ socket }) => socket.close()))
    expect(await registry.metrics(), 'closed sockets are gone').not.toContain('socket="a"')
  })

  test('leave the registry when disposed of', () => {
    const registry = new client.Registry()
    new Metrics(client, { registry })[Symbol.dispose]()
    expect(registry.getMetricsAsArray()).toEqual([])
    expect(() => new Metrics(client, { registry, maxNames: 0 })).toThrow('maxNames is 0')
  })
})
