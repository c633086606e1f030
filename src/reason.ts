/** What was thrown, in words: applications throw anything. Not in errors.ts, all of which is public. */

/** The message of an error, or the thrown value as text. Never throws: a getter, a proxy or an object without a prototype may. */
export function reasonOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'a thrown value that cannot be read'
  }
}
