import type {
  CommandWords,
  FlagWords,
  Values,
  Vocabulary,
} from "./vocabulary.ts";

/** A script to be sourced, or a file of fish's completions. */
export function fishScript({ flags, commands }: Vocabulary): string {
  return `# fish completion of sounder: sounder completions fish | source
function __sounder_begins
  test (count (commandline -opc)) -eq 1
end
function __sounder_is
  set -l words (commandline -opc)
  test (count $words) -ge 2; and test $words[2] = $argv[1]; and not contains -- -- $words
end
function __sounder_runs
  set -l words (commandline -opc)
  test (count $words) -ge 2; and test $words[2] = $argv[1]; and contains -- -- $words
end
complete -c sounder -e
complete -c sounder -f
${[
  ...flags.map((flag) => flagLine("__sounder_begins", flag)),
  ...commands.map(({ name, summary }) =>
    line("__sounder_begins", "-a", quote(name), "-d", quote(summary)),
  ),
  ...commands.flatMap(commandLines),
].join("\n")}
`;
}

function line(condition: string, ...words: string[]): string {
  return `complete -c sounder -n ${quote(condition)} ${words.join(" ")}`;
}

/** In single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

function commandLines(command: CommandWords): string[] {
  const { name, flags, arguments: places, runsCommand } = command;
  const here = `__sounder_is ${name}`;
  const lines = flags.map((flag) => flagLine(here, flag));
  if (places?.isFile) lines.push(line(here, "-F"));
  else if (places !== undefined && places.words.length > 0) {
    lines.push(line(here, "-a", quote(places.words.join(" "))));
  }
  if (runsCommand) {
    const there = `__sounder_runs ${name}`;
    lines.push(line(there, "-F", "-a", quote("(__fish_complete_command)")));
  }
  return lines;
}

function flagLine(condition: string, flag: FlagWords): string {
  const names = flag.names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const words = [...names, ...valueOf(flag), "-d", quote(flag.description)];
  return line(condition, ...words);
}

function valueOf(flag: FlagWords): string[] {
  if (flag.value === undefined) return [];
  if (flag.isFile) return ["-r", "-F"];
  const offered = flag.words.length > 0 ? ["-a", quote(offer(flag))] : [];
  return flag.isOptional ? ["-f", ...offered] : ["-x", ...offered];
}

function offer({ words, areJoined }: Values): string {
  const list = words.join(" ");
  return areJoined ? `(__fish_append , ${list})` : list;
}
