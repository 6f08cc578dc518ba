package trust

import (
	"bytes"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// replacing are variables whose file is trusted in the place of the system's certificates. Among them SSL_CERT_FILE is that of
// OpenSSL, of Go and of what is built on them.
var replacing = []string{
	"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT", "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE",
	"CARGO_HTTP_CAINFO", "PERL_LWP_SSL_CA_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "HTTPLIB2_CA_CERTS",
}

// adding are variables whose file is trusted as well as the certificates that the program has.
var adding = []string{"NODE_EXTRA_CA_CERTS", "DENO_CERT"}

// systemBundles are where systems keep what they trust in one file.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Arch, Alpine
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora
	"/etc/pki/tls/certs/ca-bundle.crt",                  // RHEL 6
	"/var/lib/ca-certificates/ca-bundle.pem",            // openSUSE
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem", // Alpine, macOS
}

// Material is what makes a command trust an authority.
type Material struct {
	Authority string            // the file of its certificate
	Environ   []string          // of the command
	Covers    map[string]string // files of the system, and the file to find in the place of each
	Java      string            // Java's own certificates, which its trust store has as well; "" if they are not found or cannot be read
}

// Bundle writes what makes a command trust an authority into a directory, and returns its environment, made of that of the caller.
func Bundle(dir string, authority []byte, environ []string) (*Material, error) {
	env := environment{slices.Clone(environ)}
	var system, extra certificates
	var covered []string
	for _, file := range systemBundles {
		if text, err := os.ReadFile(file); err == nil {
			covered = append(covered, file)
			system.addPEM(text)
		}
	}
	for _, name := range replacing {
		system.addFiles(env.get(name)) // which cannot be read by its program either, if it cannot here
	}
	for _, name := range adding {
		extra.addFiles(env.get(name))
	}
	system.addPEM(authority)
	extra.addPEM(authority)
	m := &Material{Authority: filepath.Join(dir, "authority.pem"), Covers: map[string]string{}}
	bundle, additional := filepath.Join(dir, "bundle.pem"), filepath.Join(dir, "additional.pem")
	store, java, err := javaStore(env, authority)
	if err != nil {
		return nil, err
	}
	m.Java = java
	php := filepath.Join(dir, "php")
	if err := os.MkdirAll(php, 0o755); err != nil {
		return nil, err
	}
	ini := "curl.cainfo=\"" + bundle + "\"\nopenssl.cafile=\"" + bundle + "\"\n"
	keys := filepath.Join(dir, "java.p12")
	err = errors.Join(
		os.WriteFile(m.Authority, authority, 0o644), os.WriteFile(bundle, system.pem(), 0o644), os.WriteFile(additional, extra.pem(), 0o644),
		os.WriteFile(filepath.Join(php, "taphoa-sandbox.ini"), []byte(ini), 0o644), os.WriteFile(keys, store, 0o644),
	)
	for _, name := range replacing {
		env.set(name, bundle)
	}
	for _, name := range adding {
		env.set(name, additional)
	}
	// An empty entry is the directory that PHP is built with.
	env.set("PHP_INI_SCAN_DIR", env.get("PHP_INI_SCAN_DIR")+string(os.PathListSeparator)+php)
	env.set(javaVariable, strings.TrimSpace(env.get(javaVariable)+" "+javaOptions(keys)))
	for _, file := range covered {
		m.Covers[file] = bundle
	}
	m.Environ = env.all
	return m, err
}

// environment is one of a process; of equal names the last one counts.
type environment struct{ all []string }

func (e *environment) get(name string) (value string) {
	for _, v := range e.all {
		if n, text, _ := strings.Cut(v, "="); n == name {
			value = text
		}
	}
	return value
}

func (e *environment) set(name, value string) {
	e.all = slices.DeleteFunc(e.all, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	e.all = append(e.all, name+"="+value)
}

// certificates are certificates in the order in which they were added, each once.
type certificates struct {
	all  [][]byte // DER
	seen map[string]bool
}

func (c *certificates) add(der []byte) {
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	if !c.seen[string(der)] {
		c.seen[string(der)] = true
		c.all = append(c.all, der)
	}
}

func (c *certificates) addPEM(text []byte) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			c.add(block.Bytes)
		}
	}
}

// addFiles adds those of a file, or of the files in a directory; of nothing if it cannot be read.
func (c *certificates) addFiles(name string) {
	if name == "" {
		return
	}
	files := []string{name}
	if entries, err := os.ReadDir(name); err == nil {
		files = nil
		for _, e := range entries {
			files = append(files, filepath.Join(name, e.Name()))
		}
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			c.addPEM(text)
		}
	}
}

func (c *certificates) pem() []byte {
	var b bytes.Buffer
	for _, der := range c.all {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // a buffer takes all
	}
	return b.Bytes()
}
