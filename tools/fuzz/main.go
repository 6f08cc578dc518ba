package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const module = "github.com/taphoa/taphoa"

// decoders are the packages that read what clients send: their branches guide the fuzzer. They are the same for each target, so
// that all is compiled once.
var decoders = []string{"", "/internal/api", "/internal/db", "/internal/oauth", "/internal/text", "/internal/webhook", "/internal/wire"}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "compile-with" {
		os.Exit(compileWith(os.Args[2], os.Args[3:]))
	}
	duration := flag.Duration("time", 20*time.Second, "how long each fuzz test runs")
	floor := flag.Float64("floor", 10_000, "executions a second of one core that each must reach")
	only := flag.String("run", "", "run those whose name matches this regular expression")
	kept := flag.Int("keep", 0, "instead of running, copy inputs of earlier runs into testdata until each test has that many")
	flag.Parse()
	if err := run(*duration, *floor, *only, *kept); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(duration time.Duration, floor float64, only string, kept int) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	targets, err := find("..")
	if err != nil {
		return err
	}
	targets = slices.DeleteFunc(targets, func(t target) bool { return !wanted.MatchString(t.name) })
	if len(targets) == 0 {
		return fmt.Errorf("no fuzz test matches %q", only)
	}
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return err
	}
	found := filepath.Join(strings.TrimSpace(string(cache)), "fuzz", module)
	if kept > 0 {
		return keepAll(targets, found, kept)
	}
	programs, err := os.MkdirTemp("", "taphoa-fuzz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(programs)
	var results []result
	for _, t := range targets {
		program := filepath.Join(programs, strings.ReplaceAll(t.dir, "/", "-")+".test")
		if _, err := os.Stat(program); err != nil {
			if err := build(t.dir, program); err != nil {
				return err
			}
		}
		r := t.run(program, filepath.Join(found, t.dir, t.name), duration)
		fmt.Println(r)
		results = append(results, r)
	}
	fmt.Print(table(results))
	return verdict(results, floor)
}

// target is a fuzz test.
type target struct {
	dir  string // of its package, below the root of the module
	name string
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)

// find returns the fuzz tests of the module at root, ordered by directory and file.
func find(root string) (targets []target, err error) {
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		for _, match := range fuzzFunc.FindAllSubmatch(source, -1) {
			targets = append(targets, target{filepath.ToSlash(dir), string(match[1])})
		}
		return err
	})
	return targets, err
}

// build builds the tests of a package, with counters in the decoders.
func build(dir, program string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "test", "-c", "-fuzz", ".", "-toolexec", self+" compile-with", "-o", program, "./"+dir)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// result is what a run of a target did.
type result struct {
	target
	executions, interesting int
	took, cpu               time.Duration // by the clock, and of all cores
	fault                   string        // what it found, with the input
}

// rate is executions a second of one core, whatever else the machine was doing.
func (r result) rate() float64 { return float64(r.executions) / max(r.cpu.Seconds(), 0.001) }

func (r result) String() string {
	return fmt.Sprintf("%s %s: %d executions in %v, %.0f a second of one core, %d new inputs%s", r.dir, r.name, r.executions, r.took, r.rate(), r.interesting, r.fault)
}

// run runs a target. The program keeps the inputs that it finds interesting in the folder cache.
func (t target) run(program, cache string, duration time.Duration) result {
	cmd := exec.Command(program, "-test.run", "^$", "-test.fuzz", "^"+t.name+"$", "-test.fuzztime", duration.String(), "-test.fuzzminimizetime", "100x",
		"-test.fuzzcachedir", filepath.Dir(cache), "-test.parallel", "1", "-test.timeout", "0", "-test.paniconexit0")
	cmd.Dir = filepath.Join("..", t.dir)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=400") // else much of the time goes into waking other cores, and collecting
	out, err := cmd.CombinedOutput()
	r := parse(string(out))
	r.target = t
	if cmd.ProcessState != nil { // with the process that executes, which it has waited for
		r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err == nil && r.executions == 0 {
		err = errors.New("it executed nothing")
	}
	if err != nil {
		r.fault = fmt.Sprintf(": %v\n%s%s", err, out, failingInput(t, string(out)))
	}
	return r
}

var (
	progress = regexp.MustCompile(`fuzz: elapsed: (\w+), execs: (\d+) \(\d+/sec\)(?:, new interesting: (\d+))?`)
	written  = regexp.MustCompile(`Failing input written to (\S+)`)
)

// parse reads the last line of progress that the program printed.
func parse(output string) (r result) {
	for _, match := range progress.FindAllStringSubmatch(output, -1) {
		r.took, _ = time.ParseDuration(match[1]) // printed by the same package
		r.executions, _ = strconv.Atoi(match[2])
		r.interesting, _ = strconv.Atoi(match[3])
	}
	return r
}

// failingInput returns the input that a target failed with.
func failingInput(t target, output string) string {
	match := written.FindStringSubmatch(output)
	if match == nil {
		return ""
	}
	text, err := os.ReadFile(filepath.Join("..", t.dir, match[1]))
	if err != nil {
		return err.Error()
	}
	return path.Join(t.dir, match[1]) + ":\n" + string(text)
}

// table returns the results as a table of Markdown, as docs/long-runs.md has it, with their sum.
func table(results []result) string {
	var b strings.Builder
	b.WriteString("\n| fuzz test | executions | a second of one core | new inputs | faults |\n| --- | --- | --- | --- | --- |\n")
	var sum result
	faults := 0
	for _, r := range results {
		fault := 0
		if r.fault != "" {
			fault = 1
		}
		sum.executions += r.executions
		sum.interesting += r.interesting
		sum.cpu += r.cpu
		faults += fault
		fmt.Fprintf(&b, "| `%s` (`%s`) | %s | %s | %d | %d |\n", r.name, r.dir, grouped(r.executions), grouped(int(r.rate())), r.interesting, fault)
	}
	fmt.Fprintf(&b, "| all | %s | %s | %d | %d |\n", grouped(sum.executions), grouped(int(sum.rate())), sum.interesting, faults)
	return b.String()
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// verdict is an error that names the targets that found something, and those below the floor.
func verdict(results []result, floor float64) error {
	var errs []error
	for _, r := range results {
		switch {
		case r.fault != "":
			errs = append(errs, fmt.Errorf("%s found something", r.name))
		case r.rate() < floor:
			errs = append(errs, fmt.Errorf("%s executes %.0f a second, below %.0f", r.name, r.rate(), floor))
		}
	}
	return errors.Join(errs...)
}

// compileWith runs a tool of the compiler for go test -toolexec, without counters in packages that are no decoders.
func compileWith(tool string, args []string) int {
	pkg, _, _ := strings.Cut(os.Getenv("TOOLEXEC_IMPORTPATH"), " ")
	if name, ours := strings.CutPrefix(pkg, module); !ours || !slices.Contains(decoders, name) {
		args = slices.DeleteFunc(args, func(arg string) bool { return arg == "-d=libfuzzer" })
	}
	cmd := exec.Command(tool, args...)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	if !slices.Equal(args, []string{"-V=full"}) {
		cmd.Stdout = os.Stdout
		return exitCode(cmd.Run())
	}
	// The version is part of the key of the build cache: what is compiled here must not be taken for anything else.
	version, err := cmd.Output()
	if err == nil {
		fmt.Printf("%s counting in %s\n", bytes.TrimSpace(version), strings.Join(decoders, ","))
	}
	return exitCode(err)
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		return 1
	}
	return 0
}

// keptMax is the largest input that is kept, in bytes.
const keptMax = 1 << 10

// keepAll copies inputs that the fuzzer found interesting to where go test runs them as seeds.
func keepAll(targets []target, found string, limit int) error {
	for _, t := range targets {
		n, err := keep(filepath.Join(found, t.dir, t.name), filepath.Join("..", t.dir, "testdata", "fuzz", t.name), limit)
		if err != nil {
			return err
		}
		fmt.Printf("%s %s: %d inputs copied\n", t.dir, t.name, n)
	}
	return nil
}

// keep copies inputs of all lengths, but short ones, until the folder to has as many as the limit. What it has stays.
func keep(from, to string, limit int) (copied int, err error) {
	type input struct {
		name string
		size int64
	}
	var inputs []input
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return 0, err
		}
		if info.Size() <= keptMax {
			inputs = append(inputs, input{entry.Name(), info.Size()})
		}
	}
	there, err := os.ReadDir(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	want := min(limit-len(there), len(inputs))
	if want <= 0 {
		return 0, nil
	}
	slices.SortFunc(inputs, func(a, b input) int { return cmp.Or(cmp.Compare(a.size, b.size), strings.Compare(a.name, b.name)) })
	if err := os.MkdirAll(to, 0o755); err != nil {
		return 0, err
	}
	for i := range want {
		in := inputs[i*len(inputs)/want]
		if err := copyFile(filepath.Join(from, in.name), filepath.Join(to, in.name)); err != nil {
			return copied, err
		}
		copied++
	}
	return copied, nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
