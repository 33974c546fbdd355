package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// readProgramme reads and parses a programme. Mistakes in it are printed as a
// compiler does, and also returned, as programme.Errors. The bytes are those
// that are published: of an overlay the whole programme that it comes to.
func (a *app) readProgramme(file string) (*programme.Programme, []byte, error) {
	p, err := a.parseProgramme(file)
	var mistakes programme.Errors
	if errors.As(err, &mistakes) {
		a.tellMistakes(file, mistakes)
		return nil, []byte{}, err
	}
	if err != nil {
		return nil, nil, err
	}
	return p, p.Bytes, nil
}

// parseProgramme reads the programme of a file, of the standard input (-), or
// one that comes with the ledger (ID or ID@VERSION).
func (a *app) parseProgramme(name string) (*programme.Programme, error) {
	whole, err := a.complete(name)
	if err != nil {
		return nil, err
	}
	return domain.ReadProgramme(whole)
}

// wholeRules are the bytes of a programme; the mistakes in an overlay are printed.
func (a *app) wholeRules(name string) ([]byte, error) {
	whole, err := a.complete(name)
	var mistakes programme.Errors
	if errors.As(err, &mistakes) {
		a.tellMistakes(name, mistakes)
		return nil, errTold
	}
	return whole, err
}

// complete lays an overlay over its base; other rules are as they were.
func (a *app) complete(name string) ([]byte, error) {
	src, err := a.rules(name)
	if err != nil {
		return nil, err
	}
	dir := "."
	if name != "-" {
		dir = filepath.Dir(name)
	}
	return programme.Complete(src, beside(dir))
}

var shippedName = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*)(?:@([1-9][0-9]*))?$`)

// rules are the bytes of a file, or else of a programme that comes with the ledger.
func (a *app) rules(name string) ([]byte, error) {
	m := shippedName.FindStringSubmatch(name)
	if m == nil {
		return a.readFile(name)
	}
	if _, err := os.Stat(name); err == nil {
		return a.readFile(name)
	}
	version, _ := strconv.Atoi(m[2])
	if src := shipped(m[1], version); src != nil {
		return src, nil
	}
	if version > 0 {
		return nil, fmt.Errorf("there is no file %s, and no version %d of %s comes with the ledger", name, version, m[1])
	}
	return nil, fmt.Errorf("there is no file %s, and no programme of that name comes with the ledger", name)
}

// shipped is a programme that comes with the ledger, or nil; version 0 is the
// latest.
func shipped(id string, version int) []byte {
	var found []byte
	latest := 0
	for _, f := range programmes.All() {
		is, ok := programme.NameOf(f.Bytes)
		if ok && is.Programme == id && (version == 0 && is.Version > latest || version > 0 && is.Version == version) {
			found, latest = f.Bytes, is.Version
		}
	}
	return found
}

// beside finds the bases of overlays: in the folder where the overlay is, and
// then among what comes with the ledger.
func beside(dir string) programme.Find {
	return func(id string, version int) []byte {
		files, err := filepath.Glob(filepath.Join(globLiteral.Replace(dir), "*.yaml"))
		if err != nil {
			files = nil
		}
		for _, file := range files {
			info, err := os.Stat(file)
			if err != nil || !info.Mode().IsRegular() || info.Size() > programme.SourceBytesMax {
				continue
			}
			src, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			if is, ok := programme.NameOf(src); ok && is.Programme == id && is.Version == version {
				return src
			}
		}
		return shipped(id, version)
	}
}

// globLiteral keeps a folder's name from being taken for a pattern.
var globLiteral = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

func (a *app) readFile(file string) ([]byte, error) {
	if file == "-" {
		return readAll(a.in)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder; give a file", strings.TrimSuffix(file, "/"))
		}
		return nil, errors.New(plain(err))
	}
	return src, nil
}
