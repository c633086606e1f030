/** What a value costs on its way to bytes and back. `npx tsx bench/micro/codec.ts` */
import { Packr, pack, unpack } from 'msgpackr'
import { measure } from './measure.ts'

const value = {
  id: 123_456,
  name: 'sensor-17',
  price: 1234.5,
  active: true,
  tags: ['a', 'b'],
  at: 1_700_000_000,
}
const records = new Packr({ useRecords: true })

await measure('A six-field object, encoded and decoded', 'objects', {
  'msgpackr, maps'(count) {
    for (let i = 0; i < count; i++) unpack(pack(value))
  },
  'msgpackr, records'(count) {
    for (let i = 0; i < count; i++) records.unpack(records.pack(value))
  },
  JSON(count) {
    for (let i = 0; i < count; i++) JSON.parse(JSON.stringify(value))
  },
})
