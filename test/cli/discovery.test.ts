/** Peers that find each other by name, and the commands that look for them. Multicast over the loopback interface. */
import { expect, test } from 'vitest'
import { Running, typedmq, useProgram } from './typedmq.ts'

useProgram()

const LOOPBACK = ['--interface', 'lo']
const name = (what: string) => `${what}-${process.pid}-${Date.now()}`

test('push finds pull by name; discover and top see it', async () => {
  const jobs = name('jobs')
  await using pull = new Running(['pull', '--name', jobs, ...LOOPBACK, '--stats'])
  await pull.bound()
  const [, statistics] = await pull.says(/statistics at (\S+)/)
  expect(await typedmq(['push', '--name', jobs, ...LOOPBACK], 'one\ntwo\n')).toMatchObject({
    code: 0,
    stderr: '',
  })
  await pull.prints(/one\ntwo\n/)

  // Of whatever name: others on this host may be announced too.
  const listed = await typedmq(['discover', ...LOOPBACK, '--json', '--timeout', '1'])
  const services = listed.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(services.find(service => service.name === jobs)).toMatchObject({
    socketType: 'PULL',
    codec: 'text',
    meta: { statistics },
  })

  const top = await typedmq(['top', jobs, ...LOOPBACK, '--once', '--interval', '100ms'])
  expect(top.stdout).toMatch(new RegExp(`^${jobs} +PULL`, 'm'))
})

test('discover --watch tells of those that come and go', async () => {
  const service = name('watched')
  await using watch = new Running(['discover', service, '--watch', ...LOOPBACK])
  await using pub = new Running(['pub', '--name', service, '-f', 'msgpack', ...LOOPBACK])
  await watch.prints(/^up +\S+ +PUB +msgpack/m)
  pub.interrupt()
  await watch.prints(/^down/m)
  watch.interrupt()
  expect((await watch.outcome).code).toBe(130)
})

test('discover ends with 3 when nobody is there, and a foreign codec is told of', async () => {
  const jobs = name('lonely')
  expect(await typedmq(['discover', jobs, ...LOOPBACK, '--timeout', '0.3'])).toMatchObject({
    code: 3,
    stdout: '',
  })
  await using pull = new Running(['pull', '--name', jobs, '-f', 'json', ...LOOPBACK])
  await pull.bound()
  const push = await typedmq(['push', '--name', jobs, '-f', 'text', '-d', 'x', '-t', '2', ...LOOPBACK])
  expect(push.stderr).toContain('codec json, not text')
  expect(push.code).toBe(3)
})
