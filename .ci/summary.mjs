/** Reads vitest's JSON report; prints the closing line `N passed, N failed` and exits by it. A skip that is not allowed is a failure. */
import { readFileSync } from 'node:fs'

const [file, skips, status] = process.argv.slice(2)
const allowed = skips
  .split('\n')
  .map(line => line.replace(/#.*/, '').trim())
  .filter(Boolean)
  .map(pattern => new RegExp(pattern))

const tests = JSON.parse(readFileSync(file, 'utf8')).testResults.flatMap(result => result.assertionResults)
const passed = tests.filter(test => test.status === 'passed').length
let failed = tests.filter(test => test.status === 'failed').length
for (const test of tests) {
  if (test.status === 'passed' || test.status === 'failed') continue
  if (allowed.some(pattern => pattern.test(test.fullName))) continue
  console.log(`skipped: ${test.fullName}`)
  failed++
}
// A file that cannot be loaded, or an error outside any test, has no test of its own.
if (Number(status) !== 0 && failed === 0) failed = 1
if (passed === 0 && failed === 0) failed = 1
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
