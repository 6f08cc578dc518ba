# Completion for fish: taphoa completion fish > ~/.config/fish/completions/taphoa.fish
function __taphoa_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
		if test "$line" = :file
			__fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
		else
			echo $line
		end
	end
end
complete -c taphoa -f -a '(__taphoa_complete)'
