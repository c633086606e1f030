import { describe, expect, it } from 'vitest'
import { InstanceTable } from '../../../../src/discovery/mdns/instance-table.ts'

const NAMES = (table: InstanceTable) => [...table.values()].map(instance => instance.fullName)

describe('the table of instances', () => {
  it('finds an instance in any case of its name', () => {
    const table = new InstanceTable()
    const { instance } = table.hear('Jobs.local', '10.0.0.1', 0)
    expect(table.get('jobs.LOCAL')).toBe(instance)
    expect(table.hear('JOBS.local', '10.0.0.1', 1).instance).toBe(instance)
  })

  it('forgets of whoever says most what was not heard of longest', () => {
    const table = new InstanceTable(4)
    for (const name of ['a', 'b', 'c']) table.hear(name, 'loud', 0)
    table.hear('honest', 'quiet', 0)
    table.hear('a', 'loud', 1)
    expect(table.hear('d', 'loud', 2).evicted?.fullName).toBe('b')
    expect(NAMES(table).sort()).toEqual(['a', 'c', 'd', 'honest'])
  })

  it('stays within its limit, and keeps the quiet, whatever the loud say', () => {
    const table = new InstanceTable(100)
    table.hear('honest', 'quiet', 0)
    for (let n = 0; n < 10_000; n++) table.hear(`fake ${n}`, 'loud', n)
    expect(table.size).toBe(100)
    expect(table.get('honest')).toBeDefined()
  })

  it('lets a newcomer in when everybody says one thing', () => {
    const table = new InstanceTable(3)
    for (const source of ['1', '2', '3']) table.hear(`of ${source}`, source, 0)
    expect(table.hear('new', '4', 1).evicted?.fullName).toBe('of 1')
    expect(table.size).toBe(3)
  })

  it('knows who lives at a host, until the instance moves or goes', () => {
    const table = new InstanceTable()
    const { instance } = table.hear('jobs', '10.0.0.1', 0)
    const at = (target: string) => ({ priority: 0, weight: 0, port: 1, target })
    table.locate(instance, at('One.local'))
    instance.addAddress('10.0.0.1', 10)
    expect([...table.at('one.local')]).toEqual([instance])
    table.locate(instance, at('two.local'))
    expect([...table.at('one.local')]).toEqual([])
    expect(instance.addresses.size).toBe(0)
    table.delete(instance)
    expect([...table.at('two.local')]).toEqual([])
  })

  it('tells of at most 256 instances at one host', () => {
    const table = new InstanceTable()
    for (let n = 0; n < 1_000; n++) {
      const { instance } = table.hear(`jobs ${n}`, '10.0.0.1', 0)
      table.locate(instance, { priority: 0, weight: 0, port: n, target: 'one.local' })
    }
    expect([...table.at('one.local')]).toHaveLength(256)
  })

  it('holds at most 16 addresses of an instance', () => {
    const { instance } = new InstanceTable().hear('jobs', '10.0.0.1', 0)
    for (let n = 0; n < 100; n++) instance.addAddress(`10.0.0.${n}`, 10)
    expect([...instance.addresses.keys()]).toHaveLength(16)
    expect(instance.addresses.has('10.0.0.99')).toBe(true)
  })
})
