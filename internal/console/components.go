package console

import (
	"html/template"
	"strings"
)

// Page is the frame of the desk with its contents.
type Page struct {
	Title    string
	Language string // vi or en
	Posted   bool   // answers a form, and cannot be shown again in another language
	Shop     string
	Person   Person
	Branches []Choice // where there are several; the chosen one is Selected
	Nav      []NavSection
	Actions  []Link // what the palette offers beside the navigation: "Thêm hàng hóa"
	Crumbs   []Link
	Toasts   []Toast
	Body     []any
}

// Branch returns the name of the chosen branch.
func (p Page) Branch() string {
	for _, b := range p.Branches {
		if b.Selected {
			return b.Text
		}
	}
	return ""
}

// Narrow is a page without navigation: signing in, setting up, an error before that.
type Narrow struct {
	Title    string
	Language string
	Posted   bool
	Shop     string // empty where no shop is known yet
	Toasts   []Toast
	Body     []any
}

// Parts are what replaces parts of a page.
type Parts struct{ Body []any }

// Person is who is signed in.
type Person struct{ Name, Role string }

// Initial returns the first letter of the given name, which is the last word of a Vietnamese name.
func (p Person) Initial() string {
	words := strings.Fields(p.Name)
	if len(words) == 0 {
		return "?"
	}
	return strings.ToUpper(string([]rune(words[len(words)-1])[:1]))
}

// NavSection is a part of the navigation; its title may be empty.
type NavSection struct {
	Title string
	Links []Link
}

// Link leads to a page. Icon is the id of a symbol in the sprite.
type Link struct {
	Text, URL, Icon string
	Current         bool
	Count           string // beside the text: how many wait
}

// Action is a button of a page: a link, or a dialog that it opens, or a form that it sends.
type Action struct {
	Text, Icon string
	Kind       string // "primary", "danger", "quiet" or empty
	URL        string // of a link, or where Post sends
	Post       bool
	Opens      string   // the ID of a [Confirm]; URL is then the page that asks the same without scripts
	Fields     []Hidden // of the form
	Disabled   bool
	Why        string // why it is disabled, as the tip
}

// Hidden is a field that nobody sees.
type Hidden struct{ Name, Value string }

// Choice is a value of a select or a group of switches, or a branch.
type Choice struct {
	Value, Text string
	Selected    bool
}

// Toast is a short notice that goes by itself, unless it tells of an error. Scripts show one with the header
// HX-Trigger: {"toast":{"text":"…","tone":"success"}}.
type Toast struct{ Tone, Text string }

// Header is the head of a page.
type Header struct {
	Title    string
	Subtitle string
	Badge    *Badge
	Back     *Link
	Actions  []Action // the first two stay visible on a phone
}

// Badge shows a state by color and text. Tone is "success", "warning", "danger", "info" or empty.
type Badge struct{ Tone, Text string }

// FilterBar narrows a table down. It asks the page itself, and replaces what Target names.
type FilterBar struct {
	URL    string
	Target string // the ID of a [Table]
	Search *Field // Kind "search"
	Fields []Field
	Chips  []Chip // the filters in force
	Clear  string // the address without any of them
	Extra  []Hidden
}

// Chip is a filter in force; URL is the address without it.
type Chip struct{ Text, URL string }

// Table is a list of records. State is empty, "loading" or "error"; a table without rows shows Empty.
type Table struct {
	ID      string
	Caption string // for screen readers
	Columns []Column
	Rows    []Row
	Totals  []Cell // as many as columns
	State   string
	Empty   EmptyState
	Error   Alert
	Choose  *ColumnChooser
	Pager   *Pager
	Actions []Action
	Follow  string // the address of the table, which is asked again when Live says so
	Live    string // the address of the Server-Sent Events that tell of changes
}

// Column is a column of a table.
type Column struct {
	Text    string
	Sort    string // "ascending", "descending", or empty: not sorted by it
	SortURL string // empty: cannot be sorted by it
	Number  bool   // to the right, in figures of one width, never wrapped
	Key     bool   // on a phone it stands beside the first column; at most one
	Wide    bool   // takes what is left
	Whole   bool   // is never wrapped: an instant
}

// Row is a record; its URL makes the first cell a link that fills the row.
type Row struct {
	URL   string
	Cells []Cell
}

// Cell is one value. Title is shown where Text is cut off, Sub below it.
type Cell struct {
	Text, Title, Sub, URL string
	Badge                 *Badge
	Muted                 bool
}

// ColumnChooser chooses the columns of a table. It posts the names that are on as "column".
type ColumnChooser struct {
	URL    string
	Fields []Choice
}

// Pager leads to the pages before and after. First, Last and Total are formatted; a total that is not counted is empty.
// "1–50 của 10.240".
type Pager struct {
	First, Last, Total string
	Start              string // the address of the first page
	Previous, Next     string // empty: there is none
}

// Card is a box with a title. Actions are small buttons in its head.
type Card struct {
	Title, Text string
	Actions     []Action
	Body        []any
	Flush       bool // the body has no margins of its own: a table
}

// Split puts a narrow column beside the main one, below it on phones.
type Split struct{ Main, Side []any }

// Figures are the numbers at the top of an overview.
type Figures struct{ Items []Figure }

// Figure is one number; Tone colors the change: "success" or "danger".
type Figure struct{ Text, Value, Change, Tone, URL string }

// KeyValues are the members of a record.
type KeyValues struct{ Items []KeyValue }

// KeyValue is a member of a record. Copy adds a button that copies the text.
type KeyValue struct {
	Key string
	Cell
	Number, Copy bool
}

// Tabs are views of one page, each with its address.
type Tabs struct {
	Text  string // for screen readers
	Links []Link
}

// Alert is a notice that stays. Tone is "success", "warning", "danger" or "info".
type Alert struct {
	Tone, Title, Text string
	Items             []Link
	Actions           []Action
}

// EmptyState says why there is nothing, and what to do.
type EmptyState struct {
	Icon, Title, Text string
	Actions           []Action
}

// Confirm is a dialog that asks before it sends a form; an [Action] opens it by its ID.
type Confirm struct {
	ID, Title, Text string
	URL             string
	Fields          []Field // a password, a PIN, a reason
	Hidden          []Hidden
	Button          string
	Danger          bool
}

// Secret is shown once: a key, a link, recovery codes. Picture is a QR code, as a data: address that we made.
type Secret struct {
	Title, Text string
	Values      []SecretValue
	Picture     template.URL
	PictureText string
}

// SecretValue is one value to copy.
type SecretValue struct{ Key, Value string }

// Steps show how far something in several pages is.
type Steps struct{ Items []Step }

// Step is one of [Steps]. State is "done", "current" or empty.
type Step struct{ Text, State string }

// Skeleton takes the place of what is still loading.
type Skeleton struct{ Lines int }

// NotFound is the page for an address or a record that is not there.
type NotFound struct {
	Text   string // of the refusal; a default if empty
	Action Action
}

// Fault is the page for an error inside; who reports it names the request.
type Fault struct {
	RequestID string
	Again     string // an address to try again
}

// SessionEnded asks to sign in again, and keeps what was typed: the form sends it along.
type SessionEnded struct {
	Form Form
	Kept []KeyValue // what is kept, to read; Form.Hidden has it to send
}

// Text is a paragraph.
type Text struct{ Text string }
