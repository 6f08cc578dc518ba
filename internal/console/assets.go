package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/taphoa/taphoa/internal/api"
)

//go:embed static
var static embed.FS

const staticPath = "/console/static/"

// asset is a static file. Its hash is in its address, so that browsers can keep it for ever.
type asset struct {
	name, hash, mediaType string
	body                  []byte
	packed                func() []byte // with gzip, the first time that it is asked for
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets are the static files by the last part of their name. Licences are in the program, and not served.
var assets = sync.OnceValue(func() map[string]*asset {
	all := map[string]*asset{}
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || mediaTypes[path.Ext(name)] == "" {
			return err
		}
		body, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		a := &asset{name: path.Base(name), hash: hex.EncodeToString(sum[:6]), mediaType: mediaTypes[path.Ext(name)], body: body}
		a.packed = sync.OnceValue(func() []byte { return pack(body) })
		all[a.name] = a
		return nil
	})
	if err != nil {
		panic(err) // the files are in the program
	}
	return all
})

func pack(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level exists
	}
	_, _ = w.Write(body) // to memory
	_ = w.Close()
	return b.Bytes()
}

// assetURL returns the address of a static file. It panics for one that does not exist: names are in templates.
func assetURL(name string) string {
	a := assets()[name]
	if a == nil {
		panic("console: no static file " + name)
	}
	return staticPath + a.hash + "/" + name
}

// staticHandler serves the static files below /console/static/. A page of another version of the program, which runs
// beside this one during an upgrade, asks with another hash: it gets this version's file, which nobody may keep.
func staticHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, staticPath), "/")
		a := assets()[name]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mediaType)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		h.Set("Cache-Control", "no-store")
		if hash == a.hash {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		body := a.body
		if api.TakesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed()
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the browser may be gone
	})
}
