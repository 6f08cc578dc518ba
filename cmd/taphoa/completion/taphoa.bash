# Completion for bash: taphoa completion bash > /usr/share/bash-completion/completions/taphoa
_taphoa() {
	local line
	COMPREPLY=()
	while IFS= read -r line; do
		if [[ $line == :file ]]; then
			compopt -o default -o filenames 2>/dev/null
		else
			COMPREPLY+=("${line%%$'\t'*}")
		fi
	done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _taphoa taphoa
