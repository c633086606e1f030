/** Runs small pieces of code in turn within this process and prints the best of several rounds of each. */

/** Does so many operations. */
export type Work = (count: number) => void | Promise<void>

const ROUNDS = 7
/** Milliseconds a round should last. */
const ROUND = 100

/** `unit` is what one operation is. */
export async function measure(
  title: string,
  unit: string,
  works: Readonly<Record<string, Work>>,
): Promise<void> {
  const best = new Map<string, number>()
  const counts = new Map<string, number>()
  for (const [name, work] of Object.entries(works)) counts.set(name, await calibrate(work))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      const count = counts.get(name)!
      const began = performance.now()
      await work(count)
      const rate = count / (performance.now() - began)
      best.set(name, Math.max(best.get(name) ?? 0, rate))
    }
  }
  console.log(`${title} (million ${unit} a second)`)
  for (const [name, rate] of best) console.log(`  ${name.padEnd(36)}${(rate / 1000).toFixed(2)}`)
}

/** How many operations make a round. */
async function calibrate(work: Work): Promise<number> {
  for (let count = 1000; ; count *= 4) {
    const began = performance.now()
    await work(count)
    const elapsed = performance.now() - began
    if (elapsed > ROUND / 4) return Math.ceil((count * ROUND) / elapsed)
  }
}
