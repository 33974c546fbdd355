// Package programmes holds the programmes that ship with the ledger, as the
// exact bytes that are published.
package programmes

import (
	"bytes"
	"embed"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// A File is one version of a programme as YAML.
type File struct {
	Name  string // the file's name without .yaml
	Bytes []byte
}

// All are the programmes by name.
func All() []File {
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
		out = append(out, File{strings.TrimSuffix(e.Name(), ".yaml"), src})
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Get is the source of one programme by its file's name without .yaml.
func Get(name string) ([]byte, bool) {
	for _, f := range All() {
		if f.Name == name {
			return bytes.Clone(f.Bytes), true
		}
	}
	return nil, false
}
