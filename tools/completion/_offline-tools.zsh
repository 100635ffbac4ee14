#compdef rdb-check aof-check
# Completion of rdb-check and aof-check for zsh: put it into a folder of $fpath as _rdb-check and
# _aof-check. Modes and options are asked of the program, so it never lags behind.
local tool=${words[1]} mode word
local -a modes options
modes=(${(f)"$($tool --help 2>/dev/null | sed -n '/^Modes/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')"})
for word in ${words[2,CURRENT-1]}; do
    if (( ${modes[(Ie)$word]} )); then
        mode=$word
        break
    fi
done
if [[ ${words[CURRENT]} == -* ]]; then
    options=(${(f)"$($tool ${mode:-check} --help 2>/dev/null |
        sed -n 's/^  \(-[^ ]*\).*/\1/p' | tr ',' '\n')"})
    compadd -a options
else
    (( CURRENT == 2 )) && compadd -a modes
    _files
fi
