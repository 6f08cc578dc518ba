package db

// ErrLost is wrapped by the error of a commit whose outcome is unknown.
var ErrLost = errLost

// Sent is the text that PostgreSQL gets of a statement with these arguments.
func Sent(sql string, args ...any) (string, error) {
	st, err := compile(sql)
	if err != nil {
		return "", err
	}
	values, err := (&Tx{}).arguments(st, args)
	return st.postgresSized(values), err
}
