package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

const (
	javaVariable = "JAVA_TOOL_OPTIONS"
	javaPassword = "changeit" // that of Java's own store
)

// javaOptions are the options by which Java uses a trust store; the last one of a name counts.
func javaOptions(file string) string {
	option := "-Djavax.net.ssl.trustStore=" + file
	if strings.ContainsAny(file, " \t") {
		option = `"` + option + `"`
	}
	return option + " -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=" + javaPassword
}

// javaStore returns a trust store with an authority, the certificates of the caller's own store, and those of Java, whose file it
// returns. Without Java's it has fewer than Java has.
func javaStore(env environment, authority []byte) (store []byte, from string, err error) {
	var all certificates
	for _, file := range javaFiles(env) {
		if found := readJavaStore(file, javaPassword); len(found) > 0 {
			from = file
			for _, der := range found {
				all.add(der)
			}
			break
		}
	}
	if own := lastOption(env, "trustStore", ""); own != "" {
		for _, der := range readJavaStore(own, lastOption(env, "trustStorePassword", javaPassword)) {
			all.add(der)
		}
	}
	all.addPEM(authority)
	var entries []pkcs12.TrustStoreEntry
	for i, der := range all.all {
		if c, err := x509.ParseCertificate(der); err == nil { // some roots are older than the rules
			entries = append(entries, pkcs12.TrustStoreEntry{Cert: c, FriendlyName: strconv.Itoa(i)}) // of equal names Java keeps one
		}
	}
	store, err = pkcs12.LegacyDES.EncodeTrustStoreEntries(entries, javaPassword) // which Java 8 reads, too
	return store, from, err
}

var javaOption = regexp.MustCompile(`-Djavax\.net\.ssl\.(\w+)=("[^"]*"|'[^']*'|\S+)`)

// lastOption returns the value of an option that the caller has set.
func lastOption(env environment, name, value string) string {
	for _, m := range javaOption.FindAllStringSubmatch(env.get(javaVariable), -1) {
		if m[1] == name {
			value = strings.Trim(m[2], `"'`)
		}
	}
	return value
}

// javaFiles returns where Java's own certificates may be.
func javaFiles(env environment) (all []string) {
	homes := []string{env.get("JAVA_HOME")}
	if program, err := exec.LookPath("java"); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(program)))
		}
	}
	for _, home := range slices.DeleteFunc(homes, func(home string) bool { return home == "" }) {
		all = append(all, filepath.Join(home, "lib/security/cacerts"), filepath.Join(home, "jre/lib/security/cacerts"))
	}
	return all
}

// readJavaStore returns the trusted certificates of a store, as DER; none of one that cannot be read.
func readJavaStore(file, password string) (all [][]byte) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	if bytes.HasPrefix(text, jksMagic) {
		return readJKS(text)
	}
	found, err := pkcs12.DecodeTrustStore(text, password)
	if err != nil {
		found, _ = pkcs12.DecodeTrustStore(text, "") // Java's own since 18
	}
	for _, c := range found {
		all = append(all, c.Raw)
	}
	return all
}

var jksMagic = []byte{0xfe, 0xed, 0xfe, 0xed}

// readJKS reads the older format of Java's stores: a magic, a version and a count; of each certificate the tag 2, a name, the
// milliseconds of its date, its kind and its length. The sum at the end needs the password and is not looked at.
func readJKS(text []byte) (all [][]byte) {
	r := bytes.NewReader(text[8:])
	next := func(size int) (n uint32) {
		b := make([]byte, 4)
		if _, err := r.Read(b[4-size:]); err != nil {
			return 0
		}
		return binary.BigEndian.Uint32(b)
	}
	skip := func(n uint32) { _, _ = r.Seek(int64(n), 1) } // beyond the end there is nothing to read
	for count := next(4); count > 0 && r.Len() > 0; count-- {
		if next(4) != 2 { // a key, whose length depends on its chain
			return all
		}
		skip(next(2))
		skip(8)
		skip(next(2))
		der := make([]byte, min(int(next(4)), r.Len()))
		_, _ = r.Read(der)
		all = append(all, der)
	}
	return all
}
