/** The conformance suite: a function of two engines, one at each end, and a transport. */
import { describe } from 'vitest'
import { type EnginePair, pairName } from '../support/engines.ts'
import type { TransportUnderTest } from '../support/transports.ts'
import { closingRules } from './suite/closing.ts'
import { dispatchRules } from './suite/dispatch.ts'
import { endpointRules } from './suite/endpoints.ts'
import { markRules } from './suite/marks.ts'
import { messageRules } from './suite/messages.ts'
import { patternRules } from './suite/patterns.ts'
import { readinessRules } from './suite/readiness.ts'
import { requestRules } from './suite/requests.ts'
import { ruleFor } from './suite/rules.ts'
import { traceRules } from './suite/tracing.ts'
import { typeRules } from './suite/types.ts'
import { waitingRules } from './suite/waiting.ts'

const CHAPTERS = [
  endpointRules,
  messageRules,
  typeRules,
  readinessRules,
  waitingRules,
  markRules,
  patternRules,
  dispatchRules,
  requestRules,
  traceRules,
  closingRules,
]

export function conformance(pair: EnginePair, transport: TransportUnderTest): void {
  const rule = ruleFor(pair, transport)
  describe(`${pairName(pair)} over ${transport.name}`, () => {
    for (const chapter of CHAPTERS) chapter(rule)
  })
}
