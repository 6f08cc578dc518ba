package db

// ErrLost is wrapped by the error of a commit whose outcome is unknown.
var ErrLost = errLost
