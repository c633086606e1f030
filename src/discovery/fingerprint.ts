/** A short name for a contract: the same for equal ones, in every process. */
import { createHash } from 'node:crypto'

/**
 * A text such as 'jobs/2', or plain data that says what travels, such as a JSON Schema (`z.toJSONSchema(Job)`).
 * The order of an object's members does not matter. 16 hexadecimal digits.
 */
export function fingerprint(contract: string | object): string {
  const text = typeof contract === 'string' ? contract : JSON.stringify(contract, sorted)
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
