package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// install is the one line of the recipes that is not run here: it fetches a release.
const install = "go install github.com/taphoa/taphoa/cmd/taphoa@latest"

// TestTheRecipesForCIsRun takes the commands out of docs/ci and runs them in a project whose tests buy at KiotViet's own hosts.
func TestTheRecipesForCIsRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the recipes are for Linux")
	}
	for name, commands := range map[string]func(*testing.T, []byte) []string{
		"github-actions.yml": ofGitHub, "gitlab-ci.yml": ofGitLab, "test.sh": func(_ *testing.T, text []byte) []string { return []string{string(text)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("../../docs/ci", name))
			if err != nil {
				t.Fatal(err)
			}
			all := slices.DeleteFunc(commands(t, text), func(c string) bool { return strings.TrimSpace(c) == install })
			runRecipe(t, strings.Join(all, "\n"))
		})
	}
}

func ofGitHub(t *testing.T, text []byte) (all []string) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Run string }
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			all = append(all, step.Run)
		}
	}
	return all
}

func ofGitLab(t *testing.T, text []byte) (all []string) {
	var jobs map[string]struct {
		Variables map[string]string
		Script    []string
	}
	if err := yaml.Unmarshal(text, &jobs); err != nil {
		t.Fatal(err)
	}
	for name, value := range jobs["test"].Variables {
		all = append(all, "export "+name+"="+value)
	}
	return append(all, jobs["test"].Script...)
}

// runRecipe runs commands with bash as CIs do, as root of a machine of their own: with its own hosts file and network.
func runRecipe(t *testing.T, commands string) {
	if os.Getuid() != 0 || exec.Command("unshare", "--mount", "--net", "true").Run() != nil {
		t.Skip("only root may have a hosts file of its own")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	buy, err := os.ReadFile("testdata/buy/buy.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		"bin/taphoa": "#!/bin/sh\nexec env " + asProgram + "=1 LANG=en " + self + ` "$@"`, "bin/sudo": `#!/bin/sh` + "\n" + `exec "$@"`,
		"project/buy.test.mjs": string(buy), "hosts": "127.0.0.1 localhost\n",
	} {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := "mount --bind " + dir + "/hosts /etc/hosts && ip link set lo up && cd " + dir + "/project && trap 'jobs -p | xargs -r kill || true; wait || true' EXIT\nset -e\n" + commands
	c := exec.CommandContext(t.Context(), "unshare", "--mount", "--net", "bash", "-c", script)
	c.Env = append(os.Environ(), "PATH="+dir+"/bin:"+os.Getenv("PATH")+":/usr/sbin", "TMPDIR="+dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s\nsays\n%s", err, commands, out)
	}
	report, err := os.ReadFile(filepath.Join(dir, "project/kiotviet.xml"))
	if err != nil || !strings.Contains(string(report), "<testsuite ") || !strings.Contains(string(report), "createInvoice") {
		t.Errorf("the report is %q, %v", report, err)
	}
}
