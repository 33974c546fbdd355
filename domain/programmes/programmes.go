// Package programmes holds the programmes that ship with the ledger, as the
// exact bytes that are published.
package programmes

import (
	"bytes"
	"embed"
	"slices"
	"strings"
	"sync"

	"github.com/certledger/certledger/domain/programme"
)

//go:embed *.yaml
var files embed.FS

// A File is one version of a programme as YAML.
type File struct {
	Name   string // the file's name without .yaml
	Bytes  []byte // the whole programme, as it is published
	Source []byte // the file: an overlay, or the same as Bytes
}

// All are the programmes by name.
func All() []File {
	out := slices.Clone(whole())
	for i := range out {
		out[i].Bytes, out[i].Source = bytes.Clone(out[i].Bytes), bytes.Clone(out[i].Source)
	}
	return out
}

// whole lays the overlays over their bases, once.
var whole = sync.OnceValue(func() []File {
	out := read()
	find := func(id string, version int) []byte {
		for _, f := range out {
			if of, ok := programme.NameOf(f.Source); ok && of.Programme == id && of.Version == version {
				return f.Source
			}
		}
		return nil
	}
	for i := range out {
		src, err := programme.Complete(out[i].Source, find)
		if err != nil {
			panic("programmes: " + out[i].Name + ".yaml: " + err.Error())
		}
		out[i].Bytes = src
	}
	return out
})

func read() []File {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("programmes: embedded files cannot be listed: " + err.Error())
	}
	out := make([]File, 0, len(entries))
	for _, e := range entries {
		src, err := files.ReadFile(e.Name())
		if err != nil {
			panic("programmes: embedded file cannot be read: " + err.Error())
		}
		out = append(out, File{Name: strings.TrimSuffix(e.Name(), ".yaml"), Source: src})
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Get is one programme by its file's name without .yaml, as it is published.
func Get(name string) ([]byte, bool) {
	for _, f := range All() {
		if f.Name == name {
			return f.Bytes, true
		}
	}
	return nil, false
}

//go:embed frameworks/*.yaml
var frameworks embed.FS

// Frameworks are texts that any programme may copy sections from, by name: a
// rubric, lists of topics, and the sources and assumptions that they rest on.
func Frameworks() []string {
	entries, err := frameworks.ReadDir("frameworks")
	if err != nil {
		panic("programmes: embedded frameworks cannot be listed: " + err.Error())
	}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return out
}

// Framework is the text of a framework by its name.
func Framework(name string) ([]byte, bool) {
	src, err := frameworks.ReadFile("frameworks/" + name + ".yaml")
	return src, err == nil
}
