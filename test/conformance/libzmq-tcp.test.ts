/** libzmq at both ends, over tcp. */
import { libzmq } from '../support/engines.ts'
import { tcp } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: libzmq, far: libzmq }, tcp)
