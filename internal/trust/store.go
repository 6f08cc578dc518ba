package trust

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/taphoa/taphoa/internal/message"
)

const filePrefix = "taphoa-sandbox-"

// Store is the list of authorities that a system trusts. Where it is made of files, dir has them and update makes the list;
// otherwise add, find and remove are its commands, in which {file} and {id} are to be replaced.
type Store struct {
	Name string

	system            string // as runtime.GOOS
	dir               string
	update            []string
	add, find, remove []string
	id                *regexp.Regexp // in what find prints

	root string // of all paths
}

// hash is a SHA-1 in hexadecimal digits, whatever the language of the text around it is.
var hash = regexp.MustCompile(`\b[0-9A-Fa-f]{40}\b`)

const keychain = "/Library/Keychains/System.keychain"

var stores = []Store{
	{Name: "Fedora, RHEL", system: "linux", dir: "/etc/pki/ca-trust/source/anchors", update: []string{"update-ca-trust", "extract"}},
	{Name: "Arch Linux", system: "linux", dir: "/etc/ca-certificates/trust-source/anchors", update: []string{"update-ca-trust"}},
	{Name: "openSUSE", system: "linux", dir: "/etc/pki/trust/anchors", update: []string{"update-ca-certificates"}},
	{Name: "Debian, Ubuntu, Alpine", system: "linux", dir: "/usr/local/share/ca-certificates", update: []string{"update-ca-certificates"}},
	{
		Name: "macOS", system: "darwin", id: hash,
		add:    []string{"security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, "{file}"},
		find:   []string{"security", "find-certificate", "-a", "-Z", "-c", Maker, keychain},
		remove: []string{"security", "delete-certificate", "-t", "-Z", "{id}", keychain},
	},
	{
		Name: "Windows", system: "windows", id: hash,
		add:    []string{"certutil", "-addstore", "-f", "Root", "{file}"},
		find:   []string{"certutil", "-store", "Root", Maker},
		remove: []string{"certutil", "-delstore", "Root", "{id}"},
	},
}

// FindStore returns the store of this system.
func FindStore() (*Store, error) { return findStore(runtime.GOOS, "") }

func findStore(system, root string) (*Store, error) {
	for _, s := range stores {
		s.root = root
		program := slices.Concat(s.update, s.add)[0]
		if _, err := exec.LookPath(program); err != nil || s.system != system {
			continue
		}
		if info, err := os.Stat(filepath.Join(root, s.dir)); s.dir == "" || err == nil && info.IsDir() {
			return &s, nil
		}
	}
	return nil, message.Errorf("this system has no list of trusted certificates that is known here: import the authority by hand")
}

// Steps returns what [Store.Install] does, for the question to the operator.
func (s *Store) Steps(file string) []string {
	if s.dir != "" {
		return []string{"cp " + file + " " + filepath.Join(s.root, s.dir), strings.Join(s.update, " ")}
	}
	return []string{strings.ReplaceAll(strings.Join(s.add, " "), "{file}", file)}
}

// Install lets all programs of the system trust an authority. Without a yes of the operator it is an error.
func (s *Store) Install(ctx context.Context, authority []byte, confirmed bool) error {
	if !confirmed {
		return message.Errorf("the list of trusted certificates is not changed without a yes")
	}
	if s.dir != "" {
		sum := sha256.Sum256(authority)
		file := filepath.Join(s.root, s.dir, fmt.Sprintf("%s%x.crt", filePrefix, sum[:4]))
		if err := os.WriteFile(file, authority, 0o644); err != nil {
			return lacksRight(file, err)
		}
		_, err := output(ctx, s.update)
		if err != nil { // the list may have it
			_, failed := s.Uninstall(context.WithoutCancel(ctx), true)
			err = errors.Join(err, failed)
		}
		return err
	}
	f, err := os.CreateTemp("", filePrefix+"*.crt")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(authority)
	if err = errors.Join(err, f.Close()); err == nil {
		_, err = output(ctx, fill(s.add, "{file}", f.Name()))
	}
	return err
}

// Uninstall removes all authorities of sandboxes from the store, and returns how many there were.
func (s *Store) Uninstall(ctx context.Context, confirmed bool) (removed int, err error) {
	if !confirmed {
		return 0, message.Errorf("the list of trusted certificates is not changed without a yes")
	}
	if s.dir == "" {
		return s.removeFound(ctx)
	}
	files, _ := filepath.Glob(filepath.Join(s.root, s.dir, filePrefix+"*.crt"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return removed, lacksRight(file, err)
		}
		if !isOurs(text) {
			continue
		}
		if err := os.Remove(file); err != nil {
			return removed, lacksRight(file, err)
		}
		removed++
	}
	_, err = output(ctx, s.update) // also if a sandbox was killed after it had removed its file
	return removed, err
}

// Count returns how many authorities of sandboxes the system trusts.
func (s *Store) Count(ctx context.Context) (n int) {
	if s.dir == "" {
		text, _ := output(ctx, s.find) // that nothing is found is an error of some
		return len(s.id.FindAllString(text, -1))
	}
	files, _ := filepath.Glob(filepath.Join(s.root, s.dir, filePrefix+"*.crt"))
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && isOurs(text) {
			n++
		}
	}
	return n
}

// isOurs reports whether a file has the certificate of a sandbox.
func isOurs(text []byte) bool {
	block, _ := pem.Decode(text)
	if block == nil {
		return false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && strings.HasPrefix(c.Subject.CommonName, Maker+" ")
}

// removeFound removes what the command finds until it finds nothing.
func (s *Store) removeFound(ctx context.Context) (removed int, err error) {
	for {
		text, _ := output(ctx, s.find) // that nothing is found is an error of some
		ids := s.id.FindAllString(text, -1)
		if len(ids) == 0 {
			return removed, nil
		}
		before := removed
		for _, id := range ids { // a serial number may look like a hash
			if _, failed := output(ctx, fill(s.remove, "{id}", id)); failed == nil {
				removed++
			} else {
				err = failed
			}
		}
		if removed == before {
			return removed, err
		}
	}
}

func fill(argv []string, name, value string) []string {
	filled := slices.Clone(argv)
	for i := range filled {
		filled[i] = strings.ReplaceAll(filled[i], name, value)
	}
	return filled
}

// output runs a program and returns what it prints; with its errors, if it fails.
func output(ctx context.Context, argv []string) (string, error) {
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return string(out), message.Errorf("%s failed (%w): %s", strings.Join(argv, " "), err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
