# Completion of rdb-check and aof-check for bash: source it, or put it into
# /usr/share/bash-completion/completions under both names. Modes and options are asked of the
# program, so it never lags behind.
_tidemark_offline_tool() {
    local tool=$1 word=$2 i mode= modes
    modes=$("$tool" --help 2>/dev/null | sed -n '/^Modes/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ $'\n'$modes$'\n' == *$'\n'${COMP_WORDS[i]}$'\n'* ]]; then
            mode=${COMP_WORDS[i]}
            break
        fi
    done
    if [[ $word == -* ]]; then
        local options
        # shellcheck disable=SC2086
        options=$("$tool" ${mode:-check} --help 2>/dev/null |
            sed -n 's/^  \(-[^ ]*\).*/\1/p' | tr ',' '\n')
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [[ -z $mode && $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$modes" -- "$word" && compgen -f -- "$word" ||
            compgen -f -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _tidemark_offline_tool rdb-check aof-check
