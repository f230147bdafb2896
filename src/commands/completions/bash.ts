import type { CommandWords, FlagWords, Vocabulary } from "./vocabulary.ts";

/** A script for bash 3.2 and later, which needs no bash-completion. */
export function bashScript({ flags, commands }: Vocabulary): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of sounder: source <(sounder completions bash)
_sounder() {
  local current=\${COMP_WORDS[COMP_CWORD]} flag="" place behind="" files="" IFS=$' \\t\\n'
  local before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words="" given=""
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words=${quoted([...names, ...flags.flatMap((one) => one.names)])}
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  # A "=" is a word of its own.
  if [[ $current == = ]]; then
    flag="$before=" current=""
  elif [[ $before == = ]]; then
    flag="\${COMP_WORDS[COMP_CWORD-2]}="
  else
    flag=$before
  fi
  for ((place = 2; place < COMP_CWORD; place++)); do
    if [[ \${COMP_WORDS[place]} == -- ]]; then
      behind=$place
      break
    fi
  done
  if [[ $behind ]]; then
${indented(behindCase(commands), 4)}
  else
    case "$command $flag" in
${indented(commands.flatMap(valueCases), 6)}
    *)
      case $command in
${indented(commands.flatMap(argumentCases), 8)}
      esac
      ;;
    esac
  fi
  if [[ $given ]]; then
    # Words with commas between: what is there already stays.
    local kept=""
    [[ $current == *,* ]] && kept="\${current%,*},"
    COMPREPLY=($(compgen -P "$kept" -W "$given" -- "\${current##*,}"))
    return
  fi
  [[ $words ]] && COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $files ]]; then
    # Names may hold blanks; the shell quotes them.
    compopt -o filenames 2>/dev/null
    IFS=$'\\n' COMPREPLY+=($(compgen "$files" -- "$current"))
  fi
}
complete -F _sounder sounder
`;
}

function quoted(words: readonly string[]): string {
  return `"${words.join(" ")}"`;
}

function indented(lines: readonly string[], by: number): string {
  return lines.map((line) => " ".repeat(by) + line).join("\n");
}

/** Behind `--`: a program's name and what it may be given. */
function behindCase(commands: readonly CommandWords[]): string[] {
  const names = commands
    .filter((one) => one.runsCommand)
    .map((one) => one.name);
  return [
    `case $command in`,
    `${names.join(" | ")})`,
    `  if ((COMP_CWORD == behind + 1)); then files=-c; else files=-f; fi`,
    `  ;;`,
    `esac`,
  ];
}

/** What stands behind a flag that has a value. */
function valueCases({ name, flags }: CommandWords): string[] {
  return flags
    .filter((flag) => flag.value !== undefined)
    .map((flag) => {
      const patterns = flag.names.flatMap((word) => {
        const attached = `"${name} ${word}="`;
        return flag.isOptional ? [attached] : [attached, `"${name} ${word}"`];
      });
      return `${patterns.join(" | ")}) ${offer(flag)} ;;`;
    });
}

function offer({ words, areJoined, isFile }: FlagWords): string {
  if (isFile) return "files=-f";
  if (words.length === 0) return "return";
  return `${areJoined ? "given" : "words"}=${quoted(words)}`;
}

/** What stands elsewhere: an argument, or a flag. */
function argumentCases(command: CommandWords): string[] {
  const { name, flags, arguments: places } = command;
  const own = flags.flatMap((flag) => flag.names);
  return [
    `${name})`,
    `  if [[ $current == -* ]]; then`,
    `    words=${quoted(own)}`,
    `  else`,
    `    words=${quoted(places?.words ?? [])}${places?.isFile ? " files=-f" : ""}`,
    `  fi`,
    `  ;;`,
  ];
}
