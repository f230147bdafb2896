import type {
  CommandWords,
  FlagWords,
  Values,
  Vocabulary,
} from "./vocabulary.ts";

/** A script to be sourced, or a file `_sounder` in a folder of $fpath. */
export function zshScript({ flags, commands }: Vocabulary): string {
  return `#compdef sounder
# zsh completion of sounder: source <(sounder completions zsh)
_sounder() {
  local curcontext=$curcontext state state_descr line
  local -A opt_args
  _arguments -C \\
${flags.map((flag) => `    ${specOf(flag)} \\\n`).join("")}    '1: :->command' \\
    '*:: :->rest'
  case $state in
  command)
    local -a commands=(
${commands.map(commandLine).join("\n")}
    )
    _describe -t commands command commands
    ;;
  rest)
    case $words[1] in
${commands.map(commandCase).join("\n")}
    esac
    ;;
  esac
}
if [[ $funcstack[1] == _sounder ]]; then
  _sounder "$@"
else
  compdef _sounder sounder
fi
`;
}

/** Behind `--` stands a command of its own. */
const BEHIND = `\
      local -i behind=\${words[(i)--]}
      if ((behind < CURRENT)); then
        shift $behind words
        ((CURRENT -= behind))
        _normal
        return
      fi
`;

/** In single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Text where a colon would end it. */
function plain(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, String.raw`\$&`);
}

function commandLine({ name, summary }: CommandWords): string {
  return `      ${quote(`${name}:${plain(summary)}`)}`;
}

function commandCase(command: CommandWords): string {
  const specs = command.flags.map(specOf);
  const places = command.arguments;
  // A place of which nothing is known would keep flags from being completed.
  if (places !== undefined && (places.isFile || places.words.length > 0)) {
    const place = command.runsCommand ? "1" : "*";
    specs.push(quote(`${place}:argument:${actionOf(places)}`));
  }
  const lines = specs.map((spec) => ` \\\n        ${spec}`).join("");
  const behind = command.runsCommand ? BEHIND : "";
  return `    ${command.name})\n${behind}      _arguments -s -S${lines}\n      ;;`;
}

function actionOf({ words, areJoined, isFile }: Values): string {
  if (isFile) return "_files";
  if (words.length === 0) return " ";
  const list = words.join(" ");
  return areJoined ? `_values -s , word ${list}` : `(${list})`;
}

/** One flag, as _arguments has it. */
function specOf(flag: FlagWords): string {
  const { names, description, value, isOptional, repeats } = flag;
  const told = `[${plain(description)}]`;
  const given =
    value === undefined
      ? ""
      : `${isOptional ? "::" : ":"}${value}:${actionOf(flag)}`;
  const others = repeats ? "*" : names.length > 1 ? `(${names.join(" ")})` : "";
  const forms = names.map((name) => {
    if (value === undefined) return name;
    if (isOptional) return `${name}=-`;
    return name.startsWith("--") ? `${name}=` : `${name}+`;
  });
  const [only, ...more] = forms;
  if (more.length === 0) return quote(`${others}${only}${told}${given}`);
  return `${quote(others)}{${forms.join(",")}}${quote(told + given)}`;
}
