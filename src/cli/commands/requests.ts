/** req and rep: a line a question, a line an answer. */
import { Command } from 'commander'
import { InvalidMessageError, RemoteError, Reply, Request, TimeoutError } from '../../index.ts'
import type { CommandRun, Perform } from '../command-run.ts'
import { CommandSocket, checkPeers, settingsOf } from '../command-socket.ts'
import { EXIT, ExitError, usage } from '../exit.ts'
import { type Format, formatOf } from '../format.ts'
import { messagesIn } from '../input.ts'
import type { LineMessage } from '../line-message.ts'
import {
  countOption,
  formatOptions,
  generalOptions,
  inputOptions,
  type MessageOptions,
  peerOptions,
  securityOptions,
} from '../options.ts'
import { print } from '../output.ts'

type Parts = readonly unknown[]

export function requestCommand(perform: Perform): Command {
  const command = new Command('req').description('ask each line, and print its answer')
  countOption(inputOptions(formatOptions(command, undefined)), 'end after so many questions')
  generalOptions(securityOptions(peerOptions(command)))
  return command
    .addHelpText(
      'after',
      `\nExample:\n  typedmq req --connect tcp://localhost:5558 --data '{"id":1}' --format json`,
    )
    .action((options: MessageOptions) => perform(options, run => ask(run, options)))
}

export function replyCommand(perform: Perform): Command {
  const command = new Command('rep').description(
    'print each question, and answer it with a line of the input',
  )
  formatOptions(command, undefined)
    .option('-e, --echo', 'answer with the question')
    .option('-d, --data <value>', 'answer everything with this')
  countOption(command, 'end after so many questions')
  generalOptions(securityOptions(peerOptions(command)))
  return command
    .addHelpText('after', '\nExample:\n  typedmq rep --bind tcp://*:5558 --echo')
    .action(({ data, ...options }: Omit<MessageOptions, 'data'> & { data?: string }) =>
      perform(options, run => answer(run, { ...options, data: data === undefined ? undefined : [data] })),
    )
}

async function ask(run: CommandRun, options: MessageOptions): Promise<void> {
  checkPeers(options)
  const format = formatIn(options)
  const request = new Request<Parts, Parts>({ ...settingsOf(options), codec: format.codec })
  const commandSocket = await CommandSocket.start(run, request, options)
  try {
    if (options.wait > 0) await commandSocket.connected(options.wait)
    const { timeout = Infinity } = options
    const { signal } = run
    for await (const { parts } of messagesIn(run, format, options)) {
      try {
        const answer = await request.request(parts, { timeout, signal })
        await print(format.write({ head: undefined, parts: answer }), signal)
      } catch (error) {
        // One question that the other end could not answer says nothing of the next.
        if (error instanceof RemoteError || error instanceof InvalidMessageError) run.complain(error)
        else if (error instanceof TimeoutError) {
          throw new ExitError(EXIT.timeout, `no answer within ${timeout / 1000} s`, { cause: error })
        } else throw error
      }
    }
  } finally {
    await commandSocket.close()
  }
}

async function answer(run: CommandRun, options: Omit<MessageOptions, 'wait'>): Promise<void> {
  checkPeers(options)
  if (options.echo && options.data !== undefined)
    throw usage('--echo and --data: an answer is one or the other')
  const format = formatIn(options)
  const { count = Infinity, timeout } = options
  const { signal } = run
  const reply = new Reply<Parts, Parts>({ ...settingsOf(options), codec: format.codec })
  const commandSocket = await CommandSocket.start(run, reply, options)
  const answers = answersIn(run, format, options)
  try {
    for (let asked = 0; asked < count; asked++) {
      const question = await reply.receive({ timeout, signal })
      try {
        await print(format.write({ head: undefined, parts: question.value }), signal)
        if (options.echo) await question.reply(question.value)
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error
        run.skip(error, 'received: ')
        await question.fail(error)
        continue
      }
      if (options.echo) continue
      const next = await answers.next()
      if (next.done) {
        await question.fail(new Error('no more answers'))
        return
      }
      await question.reply(next.value.parts)
    }
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    throw new ExitError(EXIT.timeout, `no question within ${timeout! / 1000} s`, { cause: error })
  } finally {
    process.stdin.destroy()
    await commandSocket.close()
  }
}

/** `--data` for ever, or the lines of the input. */
async function* answersIn(
  run: CommandRun,
  format: Format,
  { data }: Pick<MessageOptions, 'data'>,
): AsyncGenerator<LineMessage> {
  if (data === undefined) yield* messagesIn(run, format, {})
  else yield* messagesIn(run, format, { data, interval: 0 })
}

function formatIn({ format, multipart }: Pick<MessageOptions, 'format' | 'multipart'>): Format {
  return formatOf(format, { head: undefined, fixed: undefined, multipart: multipart === true })
}
