#compdef taphoa
# Completion for zsh: taphoa completion zsh > a directory of $fpath, as _taphoa
_taphoa() {
	local -a found
	local line files=0
	for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		case $line in
			:file) files=1 ;;
			?*) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
		esac
	done
	if ((files)); then
		compset -P '--*='
		_files
	elif (($#found)); then
		_describe taphoa found
	fi
}
if [[ $funcstack[1] == _taphoa ]]; then
	_taphoa
else
	compdef _taphoa taphoa
fi
