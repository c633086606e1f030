/** Our engine at both ends, over tcp and IPv6. */
import { it } from 'vitest'
import { zmtp } from '../support/engines.ts'
import { hasIpv6, tcp6 } from '../support/transports.ts'
import { conformance } from './suite.ts'

if (hasIpv6) conformance({ near: zmtp, far: zmtp }, tcp6)
else it.skip('zmtp over tcp and IPv6 (this host has no address ::1)')
