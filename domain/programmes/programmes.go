// Package programmes holds the programmes that ship with the ledger, as the
// exact bytes that are published.
package programmes

import (
	"embed"
	"slices"
	"strings"

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

// All are the programmes by name, overlays laid over their bases.
func All() []File {
	out := read()
	for i := range out {
		out[i].complete(out)
	}
	return out
}

// complete lays an overlay over its base, which is among the others.
func (f *File) complete(others []File) {
	src, err := programme.Complete(f.Source, func(id string, version int) []byte {
		for _, x := range others {
			if of, ok := programme.NameOf(x.Source); ok && of.Programme == id && of.Version == version {
				return x.Source
			}
		}
		return nil
	})
	if err != nil {
		panic("programmes: " + f.Name + ".yaml: " + err.Error())
	}
	f.Bytes = src
}

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
	all := read()
	for i := range all {
		if all[i].Name == name {
			all[i].complete(all)
			return all[i].Bytes, true
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
