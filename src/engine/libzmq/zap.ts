/** Answers libzmq's questions about peers (ZAP, RFC 27) with the sockets' `authenticate` options. */
import { UnsupportedError } from '../../errors.ts'
import { EMPTY_FRAME, type Frame } from '../../message.ts'
import { type AuthenticationRequest, ask } from '../../security/authenticate.ts'
import type { MechanismName, Verdict } from '../../security/mechanism.ts'
import { checkPath } from '../../security/plain.ts'
import type { CoreOptions } from '../engine.ts'
import type { NativeSocket } from './native.ts'

const ENDPOINT = 'inproc://zeromq.zap.01'
const VERSION = '1.0'

/** One handler for a libzmq context. It is bound while a socket needs it, for it would keep the process alive. */
export class Zap {
  readonly #open: () => NativeSocket
  /** Options of the sockets that ask, by ZAP domain. */
  readonly #domains = new Map<string, CoreOptions>()
  #native: NativeSocket | undefined
  #lastDomain = 0

  /** `open` makes a ROUTER of the context. */
  constructor(open: () => NativeSocket) {
    this.#open = open
  }

  /** Answers the domain the socket must be given. */
  add(options: CoreOptions): string {
    if (this.#native === undefined) this.#start()
    const domain = `typedmq-${++this.#lastDomain}`
    this.#domains.set(domain, options)
    return domain
  }

  delete(domain: string): void {
    this.#domains.delete(domain)
    if (this.#domains.size > 0) return
    const native = this.#native
    this.#native = undefined
    // Frees the name at once, which closing would do a little later.
    native?.disconnect(ENDPOINT)
    native?.close()
  }

  #start(): void {
    const native = this.#open()
    try {
      native.bindSync(ENDPOINT)
    } catch (cause) {
      native.close()
      throw new UnsupportedError(`another ZAP handler is bound to ${ENDPOINT} in this process`, { cause })
    }
    this.#native = native
    void this.#run(native)
  }

  async #run(native: NativeSocket): Promise<void> {
    try {
      for (;;) void this.#answer(native, await native.receive())
    } catch {
      // The socket was closed.
    }
  }

  /** RFC 27: version, request id, domain, address, identity, mechanism and credentials, behind the envelope. */
  async #answer(native: NativeSocket, parts: readonly Frame[]): Promise<void> {
    const [asker, , version, id, domain, address, identity, mechanism, ...credentials] = parts
    if (asker === undefined || String(version) !== VERSION || mechanism === undefined) return
    const options = this.#domains.get(String(domain))
    // Of another program part's sockets nothing is known: as without a handler, they are let be.
    const verdict: Verdict =
      options === undefined
        ? { status: 200 }
        : await decide(options, String(address), identity!, String(mechanism) as MechanismName, credentials)
    if (native !== this.#native) return
    const userId = verdict.status === 200 ? (verdict.userId ?? '') : ''
    native
      .send([
        asker,
        EMPTY_FRAME,
        Buffer.from(VERSION),
        id!,
        Buffer.from(String(verdict.status)),
        EMPTY_FRAME,
        Buffer.from(userId),
        EMPTY_FRAME,
      ])
      .catch(() => {})
  }
}

async function decide(
  options: CoreOptions,
  host: string,
  identity: Frame,
  mechanism: MechanismName,
  credentials: readonly Frame[],
): Promise<Verdict> {
  const address = endpointOf(host)
  const settings = options.security?.settings?.()
  if (settings?.role === 'plain-server') {
    try {
      checkPath({ address }, settings.allowInClear)
    } catch (error) {
      return { status: 500, reason: (error as Error).message }
    }
  }
  const signal =
    options.handshakeTimeout === Infinity
      ? new AbortController().signal
      : AbortSignal.timeout(options.handshakeTimeout)
  const request: AuthenticationRequest = {
    mechanism,
    address,
    socketType: undefined,
    metadata: new Map([['identity', identity]]),
    signal,
    ...(mechanism === 'PLAIN' && {
      username: String(credentials[0]),
      password: String(credentials[1]),
    }),
    ...(mechanism === 'CURVE' && { publicKey: credentials[0]! }),
  }
  return ask(options.authenticate, request)
}

/** ZAP tells an IP address without its port, and nothing for ipc. */
function endpointOf(host: string): string {
  if (host === '') return 'ipc://'
  return host.includes(':') ? `tcp://[${host}]:0` : `tcp://${host}:0`
}
