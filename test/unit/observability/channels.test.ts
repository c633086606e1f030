/** Diagnostics channels: every event of every socket, for those who subscribe. */
import diagnostics from 'node:diagnostics_channel'
import { Pull, Push } from 'typedmq'
import { channelOf, type Published } from 'typedmq/observability'
import { expect, test } from 'vitest'

test('events of all sockets are published with their socket, to who subscribes and as long as they do', async () => {
  const heard: Published<'handshake'>[] = []
  const listener = (message: unknown) => heard.push(message as Published<'handshake'>)
  diagnostics.subscribe(channelOf('handshake'), listener)
  await using pull = new Pull()
  await using push = new Push()
  const endpoint = await pull.bind('tcp://127.0.0.1:0')
  push.connect(endpoint)
  await Promise.all([push.connected(), pull.connected()])
  expect(new Set(heard.map(({ socket }) => socket))).toEqual(new Set([push, pull]))
  expect(heard.find(({ socket }) => socket === push)).toMatchObject({
    endpoint,
    peer: { socketType: 'PULL' },
  })

  diagnostics.unsubscribe(channelOf('handshake'), listener)
  const before = heard.length
  await using other = new Push().connect(endpoint)
  await other.connected()
  expect(heard).toHaveLength(before)
})

test('what a subscriber throws does not disturb the socket', async () => {
  const uncaught: unknown[] = []
  const listener = () => {
    throw new Error('broken subscriber')
  }
  const catching = (error: unknown) => uncaught.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', catching)
  diagnostics.subscribe(channelOf('bind'), listener)
  try {
    await using pull = new Pull()
    expect(await pull.bind('tcp://127.0.0.1:0')).toMatch(/^tcp:/)
    // Node throws it again in a tick of its own.
    await new Promise(setImmediate)
    expect(uncaught).toMatchObject([{ message: 'broken subscriber' }])
  } finally {
    diagnostics.unsubscribe(channelOf('bind'), listener)
    process.off('uncaughtException', catching)
    for (const other of others) process.on('uncaughtException', other)
  }
})
