// Completion scripts from the command tree. They are static: no call back into isthmus, so completing is instant.

import type { Command, Option } from 'commander'

interface Word {
  readonly name: string
  readonly about: string
}

interface Spec {
  readonly command: Word
  readonly options: readonly (Word & {
    readonly long: string
    readonly short: string | undefined
    readonly values: readonly string[]
    readonly takesValue: boolean
  })[]
  /** Fixed words of the arguments: topics, shells, commands below this one. */
  readonly words: readonly string[]
}

/** The script for one shell. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const specs = program.commands.map((command) => specOf(command, program))
  return { bash, zsh, fish }[shell](program.name(), specs)
}

function specOf(command: Command, program: Command): Spec {
  const help = command.createHelp()
  // Commands below a command (`lab up`) are words of it, with all their options together.
  const all = [command, ...command.commands].flatMap((one) => help.visibleOptions(one))
  const options = [
    ...all.filter((option, i) => all.findIndex(({ long }) => long === option.long) === i),
    ...program.options.filter((option) => option.long === '--color'),
  ]
  return {
    command: { name: command.name(), about: command.summary() },
    options: options.map((option: Option) => ({
      name: option.long ?? option.short ?? '',
      long: option.long ?? '',
      short: option.short ?? undefined,
      about: option.description,
      values: option.argChoices ?? [],
      takesValue: option.required || option.optional,
    })),
    words: [
      ...command.commands.map((one) => one.name()),
      ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    ],
  }
}

function bash(name: string, specs: readonly Spec[]): string {
  const cases = specs.flatMap(({ command, options, words }) => {
    const values = options
      .filter((option) => option.values.length > 0)
      .map(
        (option) =>
          `      ${option.long}) COMPREPLY=($(compgen -W "${option.values.join(' ')}" -- "$cur")); return;;`,
      )
    const files = options
      .filter((option) => option.takesValue && option.values.length === 0)
      .flatMap((option) => [option.short, option.long].filter((one) => one !== undefined))
    return [
      `    ${command.name})`,
      '      case "$prev" in',
      ...values.map((line) => `  ${line}`),
      ...(files.length > 0
        ? [`        ${files.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return;;`]
        : []),
      '      esac',
      `      words="${[...options.map((option) => option.long), ...words].join(' ')}";;`,
    ]
  })
  return `# bash completion for ${name}: source <(${name} completion bash)
_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${specs.map((spec) => spec.command.name).join(' ')} --help --version" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur"))
}
complete -o filenames -F _${name} ${name}
`
}

function zsh(name: string, specs: readonly Spec[]): string {
  // Inside '…' a quote is closed and escaped; colons and brackets would end a description.
  const quote = (text: string): string => text.replaceAll("'", `'\\''`).replace(/[[\]:]/g, '\\$&')
  const commands = specs.map(({ command }) => `    '${command.name}:${quote(command.about)}'`)
  const cases = specs.map(({ command, options, words }) => {
    const lines = options.map((option) => {
      const value =
        option.values.length > 0
          ? `:value:(${option.values.join(' ')})`
          : option.takesValue
            ? ':value:_files'
            : ''
      return `'*${option.long}[${quote(option.about)}]${value}'`
    })
    const rest = words.length > 0 ? [`'1:what:(${words.join(' ')})'`] : []
    return [
      `    ${command.name})`,
      `      _arguments ${[...lines, ...rest, "'*:file:_files'"].join(' \\\n        ')};;`,
    ].join('\n')
  })
  return `#compdef ${name}
_${name}() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}

function fish(name: string, specs: readonly Spec[]): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = [`# fish completion for ${name}`]
  for (const { command, options, words } of specs) {
    lines.push(
      `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.about)}`,
    )
    const condition = `-n '__fish_seen_subcommand_from ${command.name}'`
    for (const option of options) {
      const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`
      const value =
        option.values.length > 0 ? ` -x -a ${quote(option.values.join(' '))}` : option.takesValue ? ' -r' : ''
      lines.push(
        `complete -c ${name} ${condition} -l ${option.long.slice(2)}${short}${value} -d ${quote(option.about)}`,
      )
    }
    if (words.length > 0) lines.push(`complete -c ${name} ${condition} -a ${quote(words.join(' '))}`)
  }
  return `${lines.join('\n')}\n`
}
