package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// signedBody is a delivery as it was received, or a changed copy of it.
type signedBody struct {
	Body              []byte // in Base64 for the programs
	Signature, Secret string
	right             bool
	what              string
}

// readers run the functions of the documents: each program reads the deliveries and prints a line for each.
var readers = []struct{ program, snippet, file, before, after string }{
	{"node", "node.js", "receive.js", "", `
for (const d of JSON.parse(require('node:fs').readFileSync('deliveries.json')))
  console.log(verify(Buffer.from(d.Body, 'base64'), d.Signature, d.Secret));`},
	{"php", "php.php", "receive.php", "<?php\n", `
foreach (json_decode(file_get_contents('deliveries.json')) as $d)
    echo json_encode(verify(base64_decode($d->Body), $d->Signature, $d->Secret)), "\n";`},
	{"python3", "python.py", "receive.py", "", `
import base64, json
for d in json.load(open("deliveries.json")):
    print(str(verify(base64.b64decode(d["Body"]), d["Signature"], d["Secret"])).lower())`},
	{"go", "go.go.txt", "receive.go", `package main
import ("crypto/hmac"; "crypto/sha256"; "encoding/hex"; "encoding/json"; "fmt"; "os"; "strings")
`, `
func main() {
	var all []struct { Body []byte; Signature, Secret string }
	text, err := os.ReadFile("deliveries.json")
	if err == nil { err = json.Unmarshal(text, &all) }
	if err != nil { panic(err) }
	for _, d := range all { fmt.Println(verify(d.Body, d.Signature, d.Secret)) }
}`},
}

func TestTheVerifyFunctionsAcceptRealDeliveriesAndRefuseForgedOnes(t *testing.T) {
	t.Parallel()
	all := deliver(t)
	deliveries, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readers {
		t.Run(r.program, func(t *testing.T) {
			t.Parallel()
			needs(t, r.program)
			snippet, err := os.ReadFile("../../internal/webhook/verify/" + r.snippet)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "deliveries.json"), string(deliveries))
			write(t, filepath.Join(dir, r.file), r.before+string(snippet)+r.after)
			args := []string{r.file}
			if r.program == "go" {
				args = []string{"run", r.file}
			}
			command := exec.CommandContext(t.Context(), r.program, args...)
			command.Dir = dir
			out, err := command.CombinedOutput()
			said := strings.Fields(string(out))
			if err != nil || len(said) != len(all) {
				t.Fatalf("%v\n%s", err, out)
			}
			for i, d := range all {
				if said[i] != fmt.Sprint(d.right) {
					t.Errorf("%s: %s", d.what, said[i])
				}
			}
		})
	}
}

// needs skips a test whose programs are not installed, but not in CI, which installs them.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// deliver registers webhooks at a server, causes events, and returns the deliveries and changed copies of them.
func deliver(t *testing.T) (all []signedBody) {
	t.Helper()
	const secret = "bWF0a2hhdTEyMw=="
	arrived := make(chan signedBody, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		arrived <- signedBody{body, r.Header.Get("X-Hub-Signature"), secret, true, ""}
	}))
	t.Cleanup(receiver.Close)

	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	id, key := x.client("create", "--name", "Web")
	s := x.serve("--webhook-allow=127.0.0.1")
	c := caller{t, s.base, "abc", s.token(id, key)}
	c.must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":%q,"Secret":%q}}`, receiver.URL, secret), new(any))
	for i, prefix := range []string{"sha1", "sha256", "none"} {
		x.do("setting", "set", "WebhookSignature", prefix)
		c.must(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Chị \"Mái\" & <em> %d"}`, i), new(any))
		var d signedBody
		select {
		case d = <-arrived:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing is delivered")
		}
		d.what = prefix
		if !strings.Contains(string(d.Body), "Mái") || (prefix != "none") != strings.HasPrefix(d.Signature, prefix+"=") {
			t.Fatalf("the delivery %s is signed %s", d.Body, d.Signature)
		}
		forged := func(what string, body []byte, signature, secret string) signedBody {
			return signedBody{body, signature, secret, false, prefix + ", " + what}
		}
		unkeyed := hmac.New(sha256.New, nil)
		unkeyed.Write(d.Body)
		all = append(all, d,
			forged("another body", []byte(strings.Replace(string(d.Body), "Mái", "Mai", 1)), d.Signature, secret),
			forged("a body in another form", append(d.Body, '\n'), d.Signature, secret),
			forged("another secret", d.Body, d.Signature, "bWF0a2hhdTEyNA=="),
			forged("the secret decoded", d.Body, d.Signature, "matkhau123"),
			forged("no secret", d.Body, hex.EncodeToString(unkeyed.Sum(nil)), ""),
			forged("half a signature", d.Body, d.Signature[:len(d.Signature)/2], secret),
			forged("a signature of no digits", d.Body, "sha1=ký tên", secret),
			forged("no signature", d.Body, "", secret))
	}
	return all
}
