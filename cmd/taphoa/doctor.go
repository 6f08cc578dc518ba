package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
)

const (
	openFilesMin    = 1024                // SQLite's files, connections of clients and deliveries
	diskMin         = 256 << 20           // bytes
	certificateLeft = 30 * 24 * time.Hour // when authorities' renewals begin
)

type doctor struct {
	Addr      string `variable:"TAPHOA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the server listens, 127.0.0.1:8080 unless given."`
	PublicURL string `name:"public-url" variable:"TAPHOA_PUBLIC_URL" placeholder:"URL" help:"Where clients reach it, which the certificate must be for; without --tls-cert the one is looked at that is shown there."`
	TLSCert   string `name:"tls-cert" variable:"TAPHOA_TLS_CERT" placeholder:"FILE" help:"The certificate that the server has from a file."`
	TLSKey    string `name:"tls-key" variable:"TAPHOA_TLS_KEY" placeholder:"FILE" help:"The key of --tls-cert."`
	JSON      bool   `name:"json" help:"Print the findings as JSON."`
}

// finding is what was seen of one area: that it is right, or what is wrong and what to do about it.
type finding struct {
	Area string `json:"area"` // the same in all languages
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

// examination collects findings.
type examination struct {
	*doctor
	*program
	findings []finding
}

func (x *examination) right(area, text string) {
	x.findings = append(x.findings, finding{area, true, text})
}

func (x *examination) wrong(area, text string) {
	x.findings = append(x.findings, finding{area, false, text})
}

// Run changes nothing, whatever it finds.
func (c *doctor) Run(ctx context.Context, p *program) error {
	x := &examination{doctor: c, program: p}
	x.examineFiles() // first, before this program opens any
	x.examineDatabase(ctx)
	x.examineDisk()
	x.examineCertificate(ctx)
	x.examineLimits()
	if err := p.ready(ctx, c.Addr); err != nil {
		x.wrong("server", p.text("%s; start it with {taphoa} serve, or name its address with --addr", err))
	} else {
		x.right("server", p.text("ready on %s", c.Addr))
	}
	x.examineLeftovers(ctx)
	return x.print()
}

// print prints the findings, and returns an error if something is wrong.
func (x *examination) print() error {
	faults := 0
	for _, f := range x.findings {
		if !f.OK {
			faults++
		}
	}
	if x.JSON {
		text, err := json.Marshal(x.findings)
		if err != nil {
			return err
		}
		fmt.Fprintf(x.stdout, "%s\n", text)
	} else {
		for _, f := range x.findings {
			word := x.style(green, "OK")
			if !f.OK {
				word = x.style(red, "!!")
			}
			printText(x.stdout, string(word)+" "+f.Area+": "+f.Text)
		}
	}
	if faults > 0 {
		return message.Errorf("%d things are to be put right", faults)
	}
	return nil
}

// examineFiles looks at who can read and replace the files, those of secrets too.
func (x *examination) examineFiles() {
	before := len(x.findings)
	for _, file := range db.Exposed(x.url()) {
		x.wrong("rights", x.text("others on this machine can read %s: chmod 600 %s", file, quoted(file)))
	}
	secrets := []string{x.TLSKey}
	for name := range variablesOf(x.model) {
		if strings.HasSuffix(name, fileSuffix) {
			secrets = append(secrets, x.getenv(name), x.config.values[name])
		}
	}
	if x.config.hasSecret(variablesOf(x.model)) {
		secrets = append(secrets, x.config.file)
	}
	for _, file := range secrets {
		if file != "" && othersRead(file) {
			x.wrong("rights", x.text("others on this machine can read %s, which has a secret: chmod o= %s", file, quoted(file)))
		}
	}
	file, lite := strings.CutPrefix(x.url(), "sqlite:")
	if dir := filepath.Dir(file); lite && othersReplace(dir) {
		x.wrong("rights", x.text("others on this machine can replace files in %s: chmod o-w %s", dir, quoted(dir)))
	}
	if owner := ownerOf(file); lite && owner >= 0 {
		for _, other := range []string{file + "-wal", file + "-shm"} {
			if is := ownerOf(other); is >= 0 && is != owner {
				x.wrong("rights", x.text("%s belongs to another user than the database, whose server cannot use it: run commands as that user, and chown --reference=%s %s", other, quoted(file), quoted(other)))
			}
		}
	}
	if len(x.findings) == before {
		x.right("rights", x.text("nobody else can read or replace the files"))
	}
}

// othersReplace reports whether others than the owner and the group can replace files of a directory.
func othersReplace(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && ownerOf(dir) >= 0 && info.Mode().Perm()&0o002 != 0 && info.Mode()&os.ModeSticky == 0
}

// examineDisk looks at the space beside an SQLite file.
func (x *examination) examineDisk() {
	free, size := db.Space(x.url())
	x.judgeDisk(free, size)
	file, _ := strings.CutPrefix(x.url(), "sqlite:")
	if network := fileSystems[fileSystemOf(filepath.Dir(file))]; free >= 0 && network != "" {
		x.wrong("disk", x.text("the database is on %s, whose locks do not protect SQLite: move it to a local disk, or use PostgreSQL", network))
	}
}

// judgeDisk wants as much space as the database has, for a backup of it; -1 is unknown.
func (x *examination) judgeDisk(free, size int64) {
	switch need := max(diskMin, size); {
	case free < 0:
	case free < need:
		x.wrong("disk", x.text("%s are free beside the database, which has %s: make room for %s", bytesOf(free), bytesOf(size), bytesOf(need)))
	default:
		x.right("disk", x.text("%s are free beside the database, which has %s", bytesOf(free), bytesOf(size)))
	}
}

// fileSystems are file systems of other machines by their number in statfs(2).
var fileSystems = map[int64]string{
	0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "SMB", 0xfe534d42: "SMB", 0x5346414f: "AFS", 0x00c36400: "Ceph", 0x01021997: "9P",
}

// examineCertificate looks at the certificate of --tls-cert, or else at the one that clients are shown, by --domain, --tls-local or a proxy.
func (x *examination) examineCertificate(ctx context.Context) {
	u, err := url.Parse(x.PublicURL)
	if err != nil {
		u = &url.URL{}
	}
	switch {
	case x.TLSCert != "" || x.TLSKey != "":
		pair, err := tls.LoadX509KeyPair(x.TLSCert, x.TLSKey)
		if err != nil {
			x.wrong("certificate", x.text("%s and %s are no certificate and its key: %s", x.TLSCert, x.TLSKey, err.Error()))
			return
		}
		x.judgeCertificate(x.TLSCert, pair.Leaf, u.Hostname())
	case u.Scheme == "https":
		leaf, err := shownCertificate(ctx, u)
		if err != nil {
			x.wrong("certificate", x.text("%s shows no certificate: %s", x.PublicURL, err.Error()))
			return
		}
		x.judgeCertificate(x.text("the certificate of %s", x.PublicURL), leaf, u.Hostname())
	}
}

// shownCertificate is what clients of an address are shown.
func shownCertificate(ctx context.Context, u *url.URL) (*x509.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	// Whether to trust it is for clients to say: an authority of the shop's own is none of this machine's.
	dialer := tls.Dialer{Config: &tls.Config{ServerName: u.Hostname(), InsecureSkipVerify: true}} //nolint:gosec // nothing is sent
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "443")))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// judgeCertificate judges one that is called something, for clients of a host if there is one.
func (x *examination) judgeCertificate(called string, leaf *x509.Certificate, host string) {
	ends, names := leaf.NotAfter.Format(time.DateOnly), strings.Join(leaf.DNSNames, ", ")
	switch {
	case time.Now().After(leaf.NotAfter):
		x.wrong("certificate", x.text("%s has ended on %s: renew it", called, ends))
	case time.Until(leaf.NotAfter) < certificateLeft:
		x.wrong("certificate", x.text("%s ends on %s: renew it, or look at what should do so", called, ends))
	case time.Now().Before(leaf.NotBefore):
		x.wrong("certificate", x.text("%s begins on %s only: look at the clock of this machine", called, leaf.NotBefore.Format(time.DateOnly)))
	case host != "" && leaf.VerifyHostname(host) != nil:
		x.wrong("certificate", x.text("%s is for %s and not for %s, where clients reach the server: get one for that name", called, names, host))
	default:
		x.right("certificate", x.text("for %s, until %s", names, ends))
	}
}

// examineLimits looks at the limits of processes of this user.
func (x *examination) examineLimits() {
	if limit := openFilesLimit(); limit >= 0 {
		x.judgeLimit(limit)
	}
}

func (x *examination) judgeLimit(limit int64) {
	if limit < openFilesMin {
		x.wrong("limits", x.text("a process may have %d files open: let it have %d with ulimit -Hn, or LimitNOFILE in the unit", limit, openFilesMin))
	} else {
		x.right("limits", x.text("a process may have %d files open", limit))
	}
}
