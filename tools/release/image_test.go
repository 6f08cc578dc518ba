//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// container is a directory with the files of the image, with the program of a release.
type container struct {
	*testing.T
	dir         string
	variables   []string
	entry, says []string // ENTRYPOINT and CMD
	health      []string
	user        int
}

var image = regexp.MustCompile(`(?m)^(ENTRYPOINT|CMD|HEALTHCHECK .*CMD|USER|WORKDIR|ENV) (.*)$`)

// imageOf creates the directory by the steps of the Dockerfile.
func imageOf(t *testing.T) *container {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may start a program in another root directory")
	}
	archive, err := here()
	if err != nil {
		t.Fatal(err)
	}
	c := &container{T: t, dir: t.TempDir()}
	for _, m := range image.FindAllStringSubmatch(strings.Join(lines(t, "Dockerfile"), "\n"), -1) {
		var list []string
		if strings.HasPrefix(m[2], "[") {
			if err := json.Unmarshal([]byte(m[2]), &list); err != nil {
				t.Fatal(err)
			}
		}
		switch strings.Fields(m[1])[0] {
		case "ENTRYPOINT":
			c.entry = list
		case "CMD":
			c.says = list
		case "HEALTHCHECK":
			c.health = list
		case "ENV":
			c.variables = append(c.variables, m[2])
		case "USER":
			c.user, _ = strconv.Atoi(strings.Split(m[2], ":")[0])
		case "WORKDIR":
			if m[2] != "/data" && m[2] != "/src" {
				t.Errorf("the program works in %s", m[2])
			}
		}
	}
	if c.user == 0 || len(c.entry) != 1 || len(c.says) == 0 || len(c.health) == 0 {
		t.Fatalf("the Dockerfile does not say how the program is started: %+v", c)
	}
	program := unpacked(t, archive.body)[strings.TrimSuffix(archive.name, ".tar.gz")+"/taphoa"]
	for path, mode := range map[string]os.FileMode{".": 0o755, "data": 0o700, "tmp": 0o777 | os.ModeSticky} {
		path = filepath.Join(c.dir, path)
		if err := os.MkdirAll(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(c.dir+c.entry[0], program.body, program.mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(c.dir, "data"), c.user, c.user); err != nil {
		t.Fatal(err)
	}
	return c
}

// command is a program started in the container, with more variables than the image's.
func (c *container) command(words []string, variables ...string) *exec.Cmd {
	run := exec.CommandContext(c.Context(), words[0], words[1:]...)
	run.SysProcAttr = &syscall.SysProcAttr{Chroot: c.dir, Credential: &syscall.Credential{Uid: uint32(c.user), Gid: uint32(c.user)}}
	run.Dir, run.Env = "/data", append(c.variables, variables...)
	return run
}

func (c *container) run(words ...string) string {
	c.Helper()
	out, err := c.command(append(c.entry, words...)).CombinedOutput()
	if err != nil {
		c.Fatalf("%v: %v\n%s", words, err, out)
	}
	return string(out)
}

// freePort returns a port without a listener.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func TestTheProgramRunsInAnImageThatHoldsNothingElse(t *testing.T) {
	c := imageOf(t)
	c.run("shop", "create", "cobien", "Tạp hóa Cô Biển")
	c.run("client", "create", "--name", "Web shop")

	port := freePort(t)
	address := "TAPHOA_ADDR=127.0.0.1:" + port
	server := c.command(append(c.entry, c.says...), address)
	log := &strings.Builder{}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	ready := false
	for try := 0; try < 200 && !ready; try++ {
		time.Sleep(50 * time.Millisecond)
		ready = c.command(c.health, address).Run() == nil
	}
	if !ready {
		server.Process.Kill()
		<-ended
		t.Fatalf("the health check never succeeds:\n%s", log)
	}
	answer, err := http.Get("http://127.0.0.1:" + port + "/branches")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized { // it asks for a token
		t.Error(answer.Status)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ends with %v:\n%s", err, log)
		}
	case <-time.After(20 * time.Second):
		server.Process.Kill()
		t.Errorf("it does not end:\n%s", log)
	}
	if c.command(c.health, address).Run() == nil {
		t.Error("a stopped server is healthy")
	}
}

func TestTheImageIsBuiltAsAReleaseIs(t *testing.T) {
	text := strings.Join(lines(t, "Dockerfile"), "\n")
	for _, want := range []string{
		"CGO_ENABLED=0", "go build -trimpath -ldflags='-s -w' -o /image/taphoa ./cmd/taphoa", "\nFROM scratch\n", "\nVOLUME /data\n",
		"\nFROM --platform=$BUILDPLATFORM golang:" + strings.TrimPrefix(line(t, "go.mod", "toolchain go"), "toolchain go") + " AS build\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
	copies := regexp.MustCompile(`(?m)^COPY ((?:[\w.]+ )+)\S+$`).FindAllStringSubmatch(text, -1)
	if len(copies) != 2 {
		t.Errorf("%d copies of the tree", len(copies))
	}
	for _, m := range copies {
		for _, name := range strings.Fields(m[1]) {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

// line returns the line of a file with a prefix.
func line(t *testing.T, name, prefix string) string {
	t.Helper()
	for _, l := range lines(t, name) {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	t.Fatalf("%s has no line %s", name, prefix)
	return ""
}

func TestWhatComposeNamesIsThere(t *testing.T) {
	text := strings.Join(lines(t, "compose.yaml"), "\n")
	var compose struct {
		Services map[string]struct {
			Build       string            `yaml:"build"`
			Environment map[string]string `yaml:"environment"`
			Secrets     []string          `yaml:"secrets"`
			Volumes     []string          `yaml:"volumes"`
			DependsOn   map[string]struct {
				Condition string `yaml:"condition"`
			} `yaml:"depends_on"`
			Healthcheck *struct{ Test []string }
		} `yaml:"services"`
		Volumes map[string]any `yaml:"volumes"`
		Secrets map[string]struct {
			File string `yaml:"file"`
		} `yaml:"secrets"`
	}
	if err := yaml.Unmarshal([]byte(text), &compose); err != nil {
		t.Fatal(err)
	}
	secrets := madeSecrets(t)
	for name, file := range compose.Secrets {
		if secrets[filepath.Clean(file.File)] == "" {
			t.Errorf("the secret %s: nothing makes %s", name, file.File)
		}
	}
	for name, s := range compose.Services {
		for _, secret := range s.Secrets {
			if _, ok := compose.Secrets[secret]; !ok || !strings.Contains(fmt.Sprint(s.Environment), "/run/secrets/"+secret) {
				t.Errorf("%s has the secret %s, which is not declared or not used", name, secret)
			}
		}
		for _, volume := range s.Volumes {
			if _, ok := compose.Volumes[strings.Split(volume, ":")[0]]; !ok {
				t.Errorf("%s: the volume %s is not declared", name, volume)
			}
		}
		for other, d := range s.DependsOn {
			if d.Condition != "service_healthy" || compose.Services[other].Healthcheck == nil {
				t.Errorf("%s does not wait until %s is healthy", name, other)
			}
		}
		if s.Build != "" && s.Build != "." {
			t.Errorf("%s is built in %s", name, s.Build)
		}
	}
	database, err := url.Parse(secrets["secrets/database_url"])
	postgres := compose.Services["postgres"].Environment
	password, _ := database.User.Password()
	if err != nil || database.User.Username() != postgres["POSTGRES_USER"] || database.Path != "/"+postgres["POSTGRES_DB"] ||
		database.Host != "postgres" || password != secrets["secrets/postgres_password"] || len(password) != 48 {
		t.Errorf("%v is not the database of %v (%v)", database.Redacted(), postgres, err)
	}
}

// madeSecrets runs the first lines of compose.yaml, which need no container, and returns the files that they create.
func madeSecrets(t *testing.T) map[string]string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip(err)
	}
	dir, ran := t.TempDir(), 0
	for _, l := range lines(t, "compose.yaml") {
		command, ok := strings.CutPrefix(l, "#   ")
		if !ok || strings.HasPrefix(command, "docker ") {
			continue
		}
		ran++
		run := exec.Command("sh", "-c", command)
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "secrets")); err != nil || info.Mode().Perm() != 0o700 || ran != 3 {
		t.Errorf("%d lines made %v %v", ran, info, err)
	}
	made := map[string]string{}
	names, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		made["secrets/"+filepath.Base(name)] = strings.TrimSpace(string(body))
	}
	return made
}
