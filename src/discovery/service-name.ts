/** What may be a service's name: it travels as a DNS label and is shown to people. */
import { OptionError } from '../errors.ts'

/** RFC 1035, 2.3.4: a label. */
const MAX_NAME = 63

/** Throws `OptionError` that quotes the name and says what would be right. */
export function checkName(name: string): string {
  if (typeof name !== 'string' || name === '') {
    throw new OptionError(
      'name',
      `a service name is ${JSON.stringify(name)}; it must be a string of 1 to ${MAX_NAME} bytes`,
    )
  }
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_NAME) {
    throw new OptionError(
      'name',
      `the service name "${name.slice(0, 80)}" has ${bytes} bytes; it must have 1 to ${MAX_NAME}`,
    )
  }
  if (/\p{Cc}/u.test(name)) {
    throw new OptionError(
      'name',
      `the service name ${JSON.stringify(name)} has a control character; use none`,
    )
  }
  return name
}
