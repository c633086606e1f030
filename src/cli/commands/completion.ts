/** completion: what bash and zsh need to complete our command line, made from the commands themselves. */
import { Argument, Command } from 'commander'
import type { Perform } from '../command-run.ts'
import { print } from '../output.ts'

export function completionCommand(perform: Perform, program: () => Command): Command {
  return new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(typedmq completion bash)"\n  eval "$(typedmq completion zsh)"',
    )
    .action((shell: 'bash' | 'zsh') =>
      perform({}, run => print((shell === 'bash' ? bash : zsh)(program()), run.signal)),
    )
}

/** A branch of a shell's `case` for each command. */
function branches(program: Command, words: (command: Command) => string): string {
  return program.commands.map(command => `    ${command.name()}) ${words(command)} ;;`).join('\n')
}

function bash(program: Command): string {
  const options = (command: Command) => command.options.flatMap(({ short, long }) => [short, long]).join(' ')
  const choices = [...choicesOf(program)].map(
    ([flags, values]) => `    ${flags}) words="${values.join(' ')}" ;;`,
  )
  return `_typedmq() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=
  case $previous in
${choices.join('\n')}
    --curve-keys|-o|--output) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [[ -z $words ]]; then
    case \${COMP_WORDS[1]} in
${branches(program, command => `words="${[options(command), ...argumentsOf(command)].join(' ')} --help"`)}
    esac
  fi
  if ((COMP_CWORD == 1)); then words="${program.commands.map(command => command.name()).join(' ')} --help --version"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _typedmq typedmq
`
}

function zsh(program: Command): string {
  const commands = program.commands.map(command => quoted(`${command.name()}:${command.description()}`))
  const specifications = (command: Command) => [
    ...command.options.map(option => {
      const names = [option.short, option.long].filter(name => name !== undefined)
      const value =
        option.required || option.optional ? `: :${completer(option.argChoices, option.long)}` : ''
      const repeated =
        option.parseArg?.name === 'collect' ? '*' : names.length > 1 ? `(${names.join(' ')})` : ''
      return names.map(name => quoted(`${repeated}${name}[${escaped(option.description)}]${value}`)).join(' ')
    }),
    quoted('--help[show help]'),
    ...command.registeredArguments.map(argument => quoted(`1: :${completer(argument.argChoices)}`)),
  ]
  return `#compdef typedmq
_typedmq() {
  local -a commands=(${commands.join(' ')})
  if ((CURRENT == 2)); then _describe command commands; return; fi
  local name=$words[2]
  shift words; ((CURRENT--))
  case $name in
${branches(program, command => `_arguments ${specifications(command).join(' ')}`)}
  esac
}
if [[ $funcstack[1] == _typedmq ]]; then _typedmq; else compdef _typedmq typedmq; fi
`
}

/** The flags of every option with choices, as a pattern of \`case\`. */
function choicesOf(program: Command): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { options } of program.commands) {
    for (const { short, long, argChoices } of options) {
      if (argChoices !== undefined) found.set([short, long].filter(Boolean).join('|'), argChoices)
    }
  }
  return found
}

function argumentsOf(command: Command): readonly string[] {
  return command.registeredArguments.flatMap(argument => argument.argChoices ?? [])
}

function completer(choices: readonly string[] | undefined, long?: string): string {
  if (choices !== undefined) return `(${choices.join(' ')})`
  return long === '--curve-keys' || long === '--output' ? '_files' : ''
}

function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
