/** What a shell is told once: a function that asks the program what may stand at the cursor, and its registration. */
import type { Shell } from "./Shell.js"

const bash = `# Completion of genesys-replay in bash.
_genesys_replay() {
  local line files= IFS=$'\\n'
  local current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while read -r line; do
    case $line in
      :*) files=$line ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <("$1" __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $files in
    :all)
      # Readline finds files itself, and quotes them, unless there is something else to offer.
      if (( \${#COMPREPLY[@]} )) || ! compopt -o default 2>/dev/null; then
        COMPREPLY+=($(compgen -f -- "$current"))
      fi ;;
    :directories)
      compopt -o dirnames 2>/dev/null || COMPREPLY+=($(compgen -d -- "$current")) ;;
  esac
}
complete -F _genesys_replay genesys-replay
`

const zsh = `#compdef genesys-replay
# Completion of genesys-replay in zsh.
_genesys_replay() {
  local line files
  local -a found
  while IFS= read -r line; do
    case $line in
      :*) files=$line ;;
      *) found+=("$line") ;;
    esac
  done < <("\${(Q)words[1]}" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( \${#found} )) && _describe -V genesys-replay found
  case $files in
    :all) compset -P '--*='; _files ;;
    :directories) compset -P '--*='; _files -/ ;;
  esac
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
if [[ $funcstack[1] == _genesys_replay ]]; then _genesys_replay "$@"; else compdef _genesys_replay genesys-replay; fi
`

const fish = `# Completion of genesys-replay in fish.
function __genesys_replay_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in (command $program __complete fish $words "$current" 2>/dev/null)
        switch $line
            case ':all'
                set -l option (string match -r '^--[^=]*=' -- "$current")
                for file in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current"))
                    echo "$option"$file
                end
            case ':directories'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c genesys-replay -f -a '(__genesys_replay_complete)'
`

/** The script of each shell. It names no command and no option, so it is as good with a later release. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
