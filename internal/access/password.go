package access

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	passwordMin = 10  // characters
	passwordMax = 200 // characters
	nameMin     = 4   // characters of a name that a password may not contain; shorter ones are in many words

	hashers     = 2  // passwords that are hashed at once: each takes 19 MiB
	queueLength = 32 // of those that wait
	queueTime   = 2 * time.Second
)

// params are OWASP's first choice for argon2id. A hash has its own, so that they can rise: see [Service.SignIn].
var params = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// dummyHash returns the hash that is compared where there is no password, so that the answer takes as long. It is of no password:
// its key is random.
func dummyHash() string {
	const key = "$rBzB+aETGELPY4O1tyFezw$fgoFWdCRDHCCSd3iGUR4YMM7XrkcgLHHJryNbusQLjU"
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d%s", params.Memory, params.Iterations, params.Parallelism, key)
}

//go:embed common.txt
var commonText string

// common are words that many passwords consist of.
var common = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(commonText) {
		words[w] = true
	}
	return words
}()

// CheckPassword refuses a password that is too short, too long or easy to guess, or that contains one of the names.
func CheckPassword(password string, names ...string) error {
	n := utf8.RuneCountInString(norm.NFC.String(password))
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return taphoa.Refuse(taphoa.CodeValidate, "password", "Mật khẩu không được chứa ký tự điều khiển")
	case n < passwordMin:
		return taphoa.Refuse(taphoa.CodeValidate, "password", "Mật khẩu phải có ít nhất %d ký tự", passwordMin)
	case n > passwordMax:
		return taphoa.Refuse(taphoa.CodeValidate, "password", "Mật khẩu không được dài quá %d ký tự", passwordMax)
	case easyToGuess(password):
		return taphoa.Refuse(taphoa.CodeValidate, "password", "Mật khẩu này nhiều người dùng nên dễ đoán, hãy chọn mật khẩu khác")
	}
	for _, name := range names {
		if f := pressed(name); utf8.RuneCountInString(f) >= nameMin && strings.Contains(pressed(password), f) {
			return taphoa.Refuse(taphoa.CodeValidate, "password", "Mật khẩu không được chứa tên đăng nhập hay tên gian hàng")
		}
	}
	return nil
}

// pressed is text as [text.Fold] has it, without blanks.
func pressed(s string) string { return strings.ReplaceAll(text.Fold(s), " ", "") }

// easyToGuess reports a password of digits alone, such as a date or a phone number, of fewer than four different characters, of
// keys side by side or letters in the order of the alphabet, or of a common word with digits and signs around it.
func easyToGuess(password string) bool {
	folded := pressed(password)
	different := map[rune]bool{}
	for _, r := range folded {
		different[r] = true
	}
	letters := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(different) < 4 || letters == "" || common[letters] || common[unleet.Replace(letters)] {
		return true
	}
	if half := len(letters) / 2; letters[:half] == letters[half:] && common[letters[:half]] { // matkhaumatkhau
		return true
	}
	for _, row := range []string{"abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "zyxwvutsrqponmlkjihgfedcba"} {
		if strings.Contains(row, letters) {
			return true
		}
	}
	return false
}

// unleet replaces the signs that people write for letters.
var unleet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// hasher hashes passwords, a few at once.
type hasher struct {
	running chan struct{}
	waiting *atomic.Int32 // and running
	before  func()        // of tests: a hash begins
}

func newHasher() hasher {
	return hasher{make(chan struct{}, hashers), new(atomic.Int32), func() {}}
}

// do runs work when it is its turn. It refuses with [Limited] where too many wait.
func (h *hasher) do(ctx context.Context, work func() error) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > hashers+queueLength {
		return limited(queueTime, taphoa.Refuse(taphoa.CodeRateLimited, "", "Nhiều người đang đăng nhập cùng lúc, hãy thử lại sau vài giây"))
	}
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.running }()
	h.before()
	return work()
}

// Hash returns the hash of a new password, which [CheckPassword] allows. It is not to be called in a transaction.
func (s *Service) Hash(ctx context.Context, password string, names ...string) (hash string, err error) {
	if err := CheckPassword(password, names...); err != nil {
		return "", err
	}
	err = s.hasher.do(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(norm.NFC.String(password), &params)
		return err
	})
	return hash, err
}

// names are what a password of the account may not contain.
func (a *Account) names() []string { return []string{a.UserName, a.ShopCode, a.ShopName} }

// matches reports whether a password is that of a hash, which is empty where there is none, and whether the hash is to be made
// again with today's parameters. It takes the same time in each case.
func (s *Service) matches(ctx context.Context, password, hash string) (match, outdated bool, err error) {
	none := hash == "" || utf8.RuneCountInString(password) > 2*passwordMax
	if none {
		hash, password = dummyHash(), ""
	}
	err = s.hasher.do(ctx, func() error {
		var with *argon2id.Params
		match, with, err = argon2id.CheckHash(norm.NFC.String(password), hash)
		outdated = err == nil && *with != params
		return err
	})
	return match && !none, outdated, err
}

// SetPassword gives a user a password by its hash, and ends all sessions and the link of the user.
func SetPassword(tx *db.Tx, user int64, hash string) error {
	if _, err := lockAccount(tx, user); err != nil {
		return err
	}
	setPassword(tx, user, hash, 0)
	return nil
}

// setPassword is [SetPassword] for an account that is locked, without the end of one session.
func setPassword(tx *db.Tx, user int64, hash string, keep int64) {
	tx.Queue(`UPDATE access_accounts SET password_hash = ?, password_version = password_version + 1 WHERE retailer_id = :retailer AND user_id = ?`, hash, user)
	endSessions(tx, user, keep)
	dropLink(tx, user)
}

// rehash replaces a hash that has older parameters, unless the password was changed meanwhile.
func (s *Service) rehash(ctx context.Context, a *accountRow, password string) error {
	var hash string
	err := s.hasher.do(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(norm.NFC.String(password), &params)
		return err
	})
	if err != nil {
		return err
	}
	return s.db.Write(ctx, a.actor(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE access_accounts SET password_hash = ?
			WHERE retailer_id = :retailer AND user_id = ? AND password_hash = ?`, hash, a.User, a.PasswordHash)
		return err
	})
}
