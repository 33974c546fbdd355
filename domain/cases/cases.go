// Package cases runs worked cases of a programme: a history told in order, and
// what the ledger must then say. A case passes through the same commands, folds
// and assessment as the server, in memory; there is no second implementation
// of a rule here.
//
// The words: a step is one act of a history, by its verb. A generic verb is one
// that this package knows; a word is a name for one of them, held as data in
// shorthand.yaml and in a programme's own `words`. A difference is an
// expectation that does not hold, with what was wanted and what came.
package cases

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// Config says what to run.
type Config struct {
	Programme []byte // the programme's YAML
	Name      string // of its file, for messages; may be empty
	Cases     []byte // the case file's YAML
	CasesName string // of its file, for messages; may be empty

	// Find finds another version of the programme that a case names as its later one,
	// whole or as an overlay, and the bases of overlays. May be nil.
	Find programme.Find

	// Zone loads a time zone by its IANA name. This package loads none itself. Required.
	Zone func(name string) (*time.Location, error)
}

// FileError is a file that cannot be read as what it should be. Mistakes have places,
// excerpts and hints.
type FileError struct {
	Name     string
	Mistakes programme.Errors
}

// Error shows every mistake the way a compiler does.
func (e *FileError) Error() string { return strings.TrimSuffix(e.Mistakes.Format(e.Name), "\n") }

// Unwrap gives the mistakes.
func (e *FileError) Unwrap() error { return e.Mistakes }

// Report is the outcome of a case file.
type Report struct {
	File      string    `json:"file,omitempty"`
	Programme string    `json:"programme"`
	Version   int       `json:"version"`
	Digest    string    `json:"digest"`
	Cases     []Outcome `json:"cases"` // in the order of the file
	Passed    int       `json:"passed"`
	Failed    int       `json:"failed"`
}

// Outcome is what one case came to.
type Outcome struct {
	ID          string       `json:"id"`
	Title       string       `json:"title"`
	Basis       string       `json:"basis,omitempty"`
	Line        int          `json:"line"`
	Passed      bool         `json:"passed"`
	Skipped     string       `json:"skipped,omitempty"` // the other programme that the case is for
	Differences []Difference `json:"differences,omitempty"`
}

// Difference is one expectation that does not hold. A case that could not be told to
// its end has one whose What is "history".
type Difference struct {
	What   string   `json:"what"`
	Wanted string   `json:"wanted,omitempty"`
	Got    string   `json:"got,omitempty"`
	Why    []string `json:"why,omitempty"`
}

// Run runs every case of a file. The error is a *FileError for a programme or a case
// file with mistakes in it; that a case fails is not an error but in the report.
func Run(c Config) (Report, error) {
	run, cases, err := c.read()
	if err != nil {
		return Report{}, err
	}
	p := run.p
	r := Report{File: c.CasesName, Programme: p.ID, Version: p.Version, Digest: p.Digest}
	for i := range cases {
		o := run.outcome(&cases[i])
		switch {
		case o.Skipped != "":
		case o.Passed:
			r.Passed++
		default:
			r.Failed++
		}
		r.Cases = append(r.Cases, o)
	}
	return r, nil
}

// read reads both files, and begins a ledger with the programme.
func (c Config) read() (*runner, []testCase, error) {
	p, err := parse(c.Programme, c.Name)
	if err != nil {
		return nil, nil, err
	}
	run := &runner{p: p, zones: c.Zone}
	if p.StillRequired() == "" { // otherwise each case supplies the values
		if run.zone, run.ledger, err = run.begun(p); err != nil {
			return nil, nil, err
		}
	}
	cases, mistakes := readCases(c.Cases, p, c.Find)
	if mistakes != nil {
		return nil, nil, &FileError{c.CasesName, mistakes}
	}
	return run, cases, nil
}

func parse(src []byte, name string) (*programme.Programme, error) {
	p, err := domain.ReadProgramme(src)
	var mistakes programme.Errors
	if errors.As(err, &mistakes) {
		return nil, &FileError{name, mistakes}
	}
	return p, err
}

// runner runs the cases of one programme.
type runner struct {
	p      *programme.Programme
	zones  func(name string) (*time.Location, error)
	zone   *time.Location
	ledger *ledger // in which the programme is published; nil where each case supplies values
}

// begun is a ledger in which a programme is published, and its time zone.
func (r *runner) begun(p *programme.Programme) (*time.Location, *ledger, error) {
	zone, err := r.zones(p.TimeZone)
	if err != nil {
		return nil, nil, fmt.Errorf("time zone %s of the programme: %w", p.TimeZone, err)
	}
	on, err := begun(p, zone)
	return zone, on, err
}

func (r *runner) outcome(c *testCase) Outcome {
	o := Outcome{ID: c.id, Title: c.title, Basis: c.basis, Line: c.line}
	if c.programme != "" && c.programme != r.p.ID {
		o.Skipped = c.programme
		return o
	}
	differences, err := r.check(c)
	if err != nil {
		differences = []Difference{{What: "history", Got: err.Error()}}
	}
	o.Differences, o.Passed = differences, len(differences) == 0
	return o
}

// check tells a case and compares.
func (r *runner) check(c *testCase) ([]Difference, error) {
	s, err := r.tell(c)
	if err != nil {
		return nil, err
	}
	return s.differences()
}

// tell tells a case to a ledger of its own.
func (r *runner) tell(c *testCase) (*story, error) {
	p, zone, on := r.p, r.zone, r.ledger
	if c.with != nil {
		p = c.with
	}
	if missing := p.StillRequired(); missing != "" {
		return nil, breaks("%s; a case writes them under with:", missing)
	}
	if c.with != nil {
		var err error
		if zone, on, err = r.begun(p); err != nil {
			return nil, err
		}
	}
	s := newStory(c, p, zone)
	if err := s.tell(on); err != nil {
		var refused *domain.Refusal
		if errors.As(err, &refused) {
			return nil, fmt.Errorf("%w: the runner could not prepare the history", err)
		}
		return nil, err
	}
	return s, nil
}

// Text is the reports as lines for a person: a line for each case, its differences below
// it, and a closing line with both numbers over all reports.
func Text(reports ...Report) string {
	var b strings.Builder
	passed, failed := 0, 0
	for _, r := range reports {
		passed, failed = passed+r.Passed, failed+r.Failed
		for _, o := range r.Cases {
			o.write(&b)
		}
	}
	fmt.Fprintf(&b, "%d passed, %d failed\n", passed, failed)
	return b.String()
}

func (o Outcome) write(b *strings.Builder) {
	switch {
	case o.Skipped != "":
		fmt.Fprintf(b, "skip  %s  %s (for %s)\n", o.ID, o.Title, o.Skipped)
	case o.Passed:
		fmt.Fprintf(b, "ok  %s  %s\n", o.ID, o.Title)
	default:
		fmt.Fprintf(b, "FAIL %s  %s\n", o.ID, o.Title)
	}
	for _, d := range o.Differences {
		if d.Wanted == "" {
			fmt.Fprintf(b, "    %s: %s\n", d.What, d.Got)
		} else {
			fmt.Fprintf(b, "    %s: wanted %s, got %s\n", d.What, d.Wanted, d.Got)
		}
		for _, why := range d.Why {
			fmt.Fprintf(b, "      %s\n", why)
		}
	}
}
