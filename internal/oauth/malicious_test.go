package oauth_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"strings"
	"testing"
)

// sign returns a token of a header and a payload.
func sign(tb testing.TB, k *rsa.PrivateKey, header, payload string) string {
	tb.Helper()
	input := b64(header) + "." + b64(payload)
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:])
	if err != nil {
		tb.Fatal(err)
	}
	return input + "." + b64(string(signature))
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// tampered returns variants of a good token that must be refused.
func tampered(tb testing.TB, good string) map[string]string {
	tb.Helper()
	bad := forged(tb, good)
	maps.Copy(bad, respelled(tb, good))
	return bad
}

func parts(tb testing.TB, good string) (part []string, claims, signature string) {
	tb.Helper()
	part = strings.Split(good, ".")
	var text [3]string
	for i := range text {
		b, err := base64.RawURLEncoding.DecodeString(part[i])
		if err != nil {
			tb.Fatal(err)
		}
		text[i] = string(b)
	}
	return part, text[1], text[2]
}

func dotted(parts ...string) string { return strings.Join(parts, ".") }

const header = `{"alg":"RS256","typ":"at+jwt"}`

// forged returns tokens of an attacker without our key, or with a payload that we signed for another purpose.
func forged(tb testing.TB, good string) map[string]string {
	tb.Helper()
	part, claims, _ := parts(tb, good)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key().PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	hs256 := func(header, secret string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(b64(header) + "." + part[1]))
		return dotted(b64(header), part[1], b64(string(mac.Sum(nil))))
	}
	otherJWK, err := json.Marshal(map[string]string{"kty": "RSA", "e": "AQAB", "n": b64(string(other.N.Bytes()))})
	if err != nil {
		tb.Fatal(err)
	}
	changed := strings.Replace(claims, clientID, "de300000-0000-4000-8000-000000000002", 1)
	if changed == claims {
		tb.Fatal("the payload has another spelling than this test expects")
	}
	return map[string]string{
		"alg none, no signature":            dotted(b64(`{"alg":"none","typ":"at+jwt"}`), part[1], ""),
		"alg none with signature":           dotted(b64(`{"alg":"none","typ":"at+jwt"}`), part[1], part[2]),
		"alg None":                          dotted(b64(`{"alg":"nOnE"}`), part[1], ""),
		"HS256 with the public key as PEM":  hs256(`{"alg":"HS256","typ":"at+jwt"}`, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))),
		"HS256 with the public key as DER":  hs256(`{"alg":"HS256","typ":"at+jwt"}`, string(public)),
		"HS256 with the modulus":            hs256(`{"alg":"HS256","typ":"at+jwt"}`, string(key().N.Bytes())),
		"HS256 under our header":            hs256(header, string(public)),
		"another client in the payload":     dotted(part[0], b64(changed), part[2]),
		"a later end in the payload":        dotted(part[0], b64(strings.Replace(claims, `"exp":`, `"exp":9`, 1)), part[2]),
		"a blank more in the payload":       dotted(part[0], b64(claims+" "), part[2]),
		"a payload that is no JSON":         sign(tb, other, header, "x"),
		"another key":                       sign(tb, other, header, claims),
		"another key, named in the header":  sign(tb, other, `{"alg":"RS256","typ":"at+jwt","jwk":`+string(otherJWK)+`}`, claims),
		"another key, at an address":        sign(tb, other, `{"alg":"RS256","typ":"at+jwt","jku":"http://127.0.0.1:1/keys"}`, claims),
		"our key, another type":             sign(tb, key(), `{"alg":"RS256","typ":"JWT"}`, claims),
		"our key, a critical header":        sign(tb, key(), `{"alg":"RS256","typ":"at+jwt","crit":["exp"]}`, claims),
		"our key, a payload not encoded":    sign(tb, key(), `{"alg":"RS256","typ":"at+jwt","b64":false,"crit":["b64"]}`, claims),
		"our key, a payload that is a list": sign(tb, key(), header, "["+claims+"]"),
		"RS512 in the header":               dotted(b64(`{"alg":"RS512","typ":"at+jwt"}`), part[1], part[2]),
		"a signature of zeros":              dotted(part[0], part[1], b64(strings.Repeat("\x00", 256))),
		"a signature of one":                dotted(part[0], part[1], b64(strings.Repeat("\x00", 255)+"\x01")),
		"a signature that is the modulus":   dotted(part[0], part[1], b64(string(key().N.Bytes()))),
	}
}

// respelled returns other spellings of a good token, as a transport or a lenient parser may cause them.
func respelled(tb testing.TB, good string) map[string]string {
	tb.Helper()
	part, _, signature := parts(tb, good)
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(digits, good[len(good)-1])
	lastBit := good[:len(good)-1] + digits[last^1:][:1] // 256 bytes leave four unused bits in the last digit
	doubled := new(big.Int).Add(new(big.Int).SetBytes([]byte(signature)), key().N)
	return map[string]string{
		"a word":                           "undefined",
		"dots alone":                       "..",
		"one dot":                          ".",
		"no signature":                     dotted(part[0], part[1], ""),
		"no signature and no dot":          dotted(part[0], part[1]),
		"no payload":                       dotted(part[0], "", part[2]),
		"no header":                        dotted("", part[1], part[2]),
		"four parts":                       good + "." + part[2],
		"five parts":                       dotted(part[0], part[1], part[2], part[1], part[2]),
		"a dot at the end":                 good + ".",
		"a header that is no JSON":         dotted(b64("x"), part[1], part[2]),
		"a signature a byte too long":      dotted(part[0], part[1], b64(signature+"\x00")),
		"a signature a byte too short":     dotted(part[0], part[1], b64(signature[:255])),
		"a signature beyond the modulus":   dotted(part[0], part[1], b64(string(doubled.Bytes()))),
		"a signature turned around":        dotted(part[0], part[1], b64(signature[128:]+signature[:128])),
		"an extra bit after the signature": lastBit,
		"base64 with padding":              good + "==",
		"base64 of the other alphabet":     dotted(part[0], part[1], base64.RawStdEncoding.EncodeToString([]byte(signature))) + "+",
		"a blank before":                   " " + good,
		"a line end after the token":       good + "\n",
		"a line end within":                good[:400] + "\r\n" + good[400:],
		"a null byte":                      good[:400] + "\x00" + good[400:],
		"letters in the other case":        strings.ToUpper(good),
		"no UTF-8":                         good[:100] + "\xff\xfe" + good[102:],
		"JSON serialization":               `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"huge":                             part[0] + "." + strings.Repeat("A", 10<<20) + "." + part[2],
		"many dots":                        part[0] + strings.Repeat(".", 8000),
	}
}
