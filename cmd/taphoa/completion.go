package main

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

//go:embed completion
var completionScripts embed.FS

// filesFollow is the candidate by which the scripts complete file names.
const filesFollow = ":file"

type completion struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that asks the program for candidates, so that it is right for every version.
func (c *completion) Run(p *program) error {
	script, err := completionScripts.ReadFile("completion/taphoa." + c.Shell)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(script)
	return err
}

type complete struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words behind the program's name, up to the one to complete."`
}

// Run prints candidates for the last word, each with what it is behind a tab.
func (c *complete) Run(p *program) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" { // which the parser keeps
		words = words[1:]
	}
	for _, candidate := range candidates(p.model, words) {
		fmt.Fprintln(p.stdout, candidate)
	}
	return nil
}

// candidates walks the model along the words.
func candidates(root *kong.Node, words []string) []string {
	words = withoutEquals(words)
	if len(words) == 0 {
		words = []string{""}
	}
	node, last := root, words[len(words)-1]
	var awaiting *kong.Value // its value is the next word
	argument := 0
	for _, word := range words[:len(words)-1] {
		child := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word })
		switch {
		case awaiting != nil:
			awaiting = nil
		case word == "--":
			return []string{filesFollow} // another program and its arguments
		case strings.HasPrefix(word, "-"):
			awaiting = awaits(node, word)
		case child >= 0 && node.Children[child].Name == "help":
			node = root
		case child >= 0:
			node = node.Children[child]
		default:
			argument++
		}
	}
	name, _, given := strings.Cut(last, "=")
	switch {
	case awaiting != nil:
		return starting(last, values(awaiting))
	case given && strings.HasPrefix(name, "--"):
		return starting(last, prefixed(name+"=", values(awaits(node, name))))
	case strings.HasPrefix(last, "-"):
		return starting(last, flags(node))
	case len(node.Children) > 0:
		return starting(last, subcommands(node))
	case len(node.Positional) > 0:
		return starting(last, values(node.Positional[min(argument, len(node.Positional)-1)]))
	}
	return nil
}

// withoutEquals removes the words = of bash, which are between a flag and its value.
func withoutEquals(words []string) []string {
	if last := len(words) - 1; last >= 0 && words[last] == "=" {
		words = append(words[:last:last], "")
	}
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "=" })
}

// awaits returns what a flag takes as its value; nil for none.
func awaits(node *kong.Node, word string) *kong.Value {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if "--"+flag.Name == word && !flag.IsBool() {
				return flag.Value
			}
		}
	}
	return nil
}

func flags(node *kong.Node) (all []string) {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			all = append(all, "--"+flag.Name+"\t"+flag.Help)
		}
	}
	return all
}

func subcommands(node *kong.Node) (all []string) {
	for _, child := range node.Children {
		if !child.Hidden {
			all = append(all, child.Name+"\t"+child.Help)
		}
	}
	return all
}

// values returns the values that a flag or an argument can have, as far as they are known.
func values(value *kong.Value) (all []string) {
	if value == nil {
		return nil
	}
	placeholder := value.Tag.Get("placeholder") // as it is before it is translated
	switch kind := strings.ToUpper(placeholder); {
	case len(value.EnumSlice()) > 0 && value.Enum != "":
		return value.EnumSlice()
	case strings.Contains(placeholder, "|"):
		return strings.Split(placeholder, "|")
	case kind == "FILE", kind == "DIR", value.Tag.Has("file"):
		return []string{filesFollow}
	}
	return nil
}

func prefixed(prefix string, all []string) []string {
	for i, text := range all {
		if text != filesFollow {
			all[i] = prefix + text
		}
	}
	return all
}

func starting(word string, all []string) []string {
	return slices.DeleteFunc(all, func(text string) bool { return text != filesFollow && !strings.HasPrefix(text, word) })
}
