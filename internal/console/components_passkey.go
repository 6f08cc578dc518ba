package console

// Passkey is a button that has the browser use or make a passkey, and sends the form that it is in with the answer. Where browsers
// cannot, or only at another host, it is not shown.
type Passkey struct {
	Text string
	URL  string // where the form is sent; URL/challenge says what the browser needs
	Host string // RP ID
}

// AddPasskey is the form that adds a passkey.
type AddPasskey struct {
	Passkey Passkey // without text: none can be added
	Text    string  // why not; shown unless the browser can
	Error   string
	Hidden  []Hidden
}
