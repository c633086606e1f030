/** An event of a socket with and without anybody at its diagnostics channel, against a bare EventEmitter. `npx tsx bench/micro/channels.ts` */
import diagnostics from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { createEvents } from '../../src/engine/events.ts'
import { measure, type Work } from './measure.ts'

const payload = { endpoint: 'tcp://127.0.0.1:5555' }
const bare = new EventEmitter()
const events = createEvents()
for (const emitter of [bare, events]) emitter.on('bind', () => {})

const emitting =
  (emitter: { emit(name: 'bind', payload: object): boolean }): Work =>
  count => {
    for (let i = 0; i < count; i++) emitter.emit('bind', payload)
  }
const heard: Work = count => {
  const listener = () => {}
  diagnostics.subscribe('typedmq:bind', listener)
  emitting(events)(count)
  diagnostics.unsubscribe('typedmq:bind', listener)
}

await measure('An event with one listener; messages emit none', 'events', {
  'a bare EventEmitter': emitting(bare),
  'a socket, nobody at the channel': emitting(events),
  'a socket, somebody at the channel': heard,
})
