package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that runs beside this program.
type process struct {
	command *exec.Cmd
	url     string
	ready   time.Duration
}

// start starts a program and waits until it prints its address.
func start(program string, args ...string) (*process, error) {
	begin := time.Now()
	p := &process{command: exec.Command(program, args...)}
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.command.Stderr = os.Stderr
	p.command.Env = append(os.Environ(), "TAPHOA_LANG=en", "TAPHOA_LOG_LEVEL=warn") // its output is parsed below
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "listening on "); ok {
			p.url, p.ready = strings.Fields(at)[0], time.Since(begin)
			go io.Copy(io.Discard, out) //nolint:errcheck // so that the program never blocks on its output
			return p, nil
		}
	}
	return nil, errors.Join(errors.New("the program did not say where it listens"), p.command.Wait())
}

func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.command.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil
	}
	return err
}

// memory returns the process's resident memory in MiB, memoryPeak its maximum.
func (p *process) memory() float64     { return p.status("VmRSS:") }
func (p *process) memoryPeak() float64 { return p.status("VmHWM:") }

func (p *process) status(name string) float64 { return memoryOf(p.command.Process.Pid, name) }

// memoryOf is what the system says of a process's memory, in MiB.
func memoryOf(pid int, name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// cpu returns the CPU seconds of a process, with those of its ended children.
func cpu(pid int) float64 {
	f := procStat(strconv.Itoa(pid))
	if len(f) < 15 {
		return 0
	}
	ticks := 0.0
	for _, s := range f[11:15] {
		n, _ := strconv.ParseFloat(s, 64)
		ticks += n
	}
	return ticks / 100
}

// cpuBelow returns [cpu] with that of all children.
func cpuBelow(pid int) float64 {
	sum := cpu(pid)
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if f := procStat(filepath.Base(dir)); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			n, _ := strconv.Atoi(filepath.Base(dir))
			sum += cpu(n)
		}
	}
	return sum
}

// procStat returns the fields of a process after its name: its state first.
func procStat(pid string) []string {
	text, _ := os.ReadFile("/proc/" + pid + "/stat")
	return strings.Fields(string(text[1+strings.LastIndexByte(string(text), ')'):]))
}
