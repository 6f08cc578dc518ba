package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheProgramKnowsWhatMayFollow(t *testing.T) {
	for _, c := range []struct{ words, want, not string }{
		{"", "serve\tServe the API until SIGTERM or Ctrl+C.", "complete\tPrint candidates for the last word, for the scripts of completion."},
		{"client r", "rotate\tGive a program a new secret; the old one and all its tokens end, or count on for a while.", "list\tList the programs, the revoked ones too."},
		{"help shop ", "create\tOpen a shop, in a new database if there is none.", "serve"},
		{"serve --log-level ", "debug", "--addr"},
		{"serve --log-level=w", "--log-level=warn", "--log-level=debug"},
		{"serve --log-level =", "error", "="},
		{"serve --log-level = d", "debug", "warn"},
		{"serve --demo --tls-c", "--tls-cert\tServe HTTPS with the certificate of this file, its chain included; read again when it changes.", "--tls-key"},
		{"--lang vi shop list --la", "--lang\tNói tiếng Anh hoặc tiếng Việt; bỏ trống thì theo LC_ALL, LC_MESSAGES hoặc LANG.", "serve"},
		{"--lang ", "vi", "serve"},
		{"restore ", filesFollow, "serve"},
		{"serve --tls-cert a", filesFollow, "a"},
		{"sandbox exec -- make t", filesFollow, "exec"},
		{"completion ", "fish", "serve"},
	} {
		out := terminal{T: t}.do(append([]string{"complete", "--"}, strings.Split(c.words, " ")...)...)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if !slices.Contains(lines, c.want) || slices.Contains(lines, c.not) {
			t.Errorf("taphoa %s may go on with\n%s", c.words, out)
		}
	}
	vietnamese := terminal{T: t, variables: map[string]string{"LANG": "vi_VN.UTF-8"}}
	if out := vietnamese.do("complete", "--", "backup", ""); out != filesFollow+"\n" {
		t.Errorf("a backup goes to %s", out)
	}
	if out := vietnamese.do("complete", "--", "shop", "l"); out != "list\tLiệt kê gian hàng.\n" {
		t.Errorf("in Vietnamese it says %s", out)
	}
	terminal{T: t}.refused(`<shell> must be one of "bash","zsh","fish", not "sh"`, "completion", "sh")
}

func TestShellsComplete(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "taphoa")); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for shell, script := range map[string]string{
		"bash": `source taphoa.bash
			try() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _taphoa; echo "$*: ${COMPREPLY[*]}"; }
			try taphoa client r; try taphoa serve --log-level = w; try taphoa serve --tls-cert c`,
		"fish": `source taphoa.fish
			for words in 'taphoa client r' 'taphoa serve --log-level=w' 'taphoa serve --tls-cert c'
				echo $words: (complete -C $words | string replace -r '\t.*' '')
			end`,
		"zsh": `autoload -Uz compinit && compinit -u -D
			source ./taphoa.zsh
			_describe() { echo "${(j: :)words}: ${(@P)2%%:*}" }
			_files() { echo "${(j: :)words}:" *.pem }
			compset() { : }
			try() { words=("$@"); CURRENT=$#; _taphoa }
			try taphoa client r; try taphoa serve --log-level=w; try taphoa serve --tls-cert c`,
	} {
		t.Run(shell, func(t *testing.T) {
			program := installed(t, shell)
			text := terminal{T: t}.do("completion", shell)
			if err := os.WriteFile(filepath.Join(dir, "taphoa."+shell), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			x := exec.Command(program, "-c", script)
			x.Dir = dir
			x.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "LC_ALL=C.UTF-8", asProgram+"=1")
			out, err := x.CombinedOutput()
			want := map[string]string{
				"bash": "taphoa client r: revoke rotate\ntaphoa serve --log-level = w: warn\ntaphoa serve --tls-cert c: \n",
				"fish": "taphoa client r: revoke rotate\ntaphoa serve --log-level=w: --log-level=warn\ntaphoa serve --tls-cert c: cert.pem\n",
				"zsh":  "taphoa client r: revoke rotate\ntaphoa serve --log-level=w: --log-level=warn\ntaphoa serve --tls-cert c: cert.pem\n",
			}[shell]
			if err != nil || string(out) != want {
				t.Errorf("%v: it completes\n%s", err, out)
			}
		})
	}
}
